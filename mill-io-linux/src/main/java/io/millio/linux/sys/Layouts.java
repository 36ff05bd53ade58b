package io.millio.linux.sys;

/**
 * Sizes of structures and offsets in them, in bytes: {@code STRUCT_SIZE} and {@code STRUCT__FIELD}. A test compares
 * them with a C compiler's. They hold on each 64-bit Linux; {@code epoll_event}, which differs, is
 * {@link Architecture}'s.
 */
public final class Layouts {
    public static final int SOCKADDR__SA_FAMILY = 0;

    public static final int SOCKADDR_IN_SIZE = 16;
    public static final int SOCKADDR_IN__SIN_PORT = 2;
    public static final int SOCKADDR_IN__SIN_ADDR = 4;

    public static final int SOCKADDR_IN6_SIZE = 28;
    public static final int SOCKADDR_IN6__SIN6_ADDR = 8;
    public static final int SOCKADDR_IN6__SIN6_SCOPE_ID = 24;

    public static final int SOCKADDR_UN_SIZE = 110;
    public static final int SOCKADDR_UN__SUN_PATH = 2;

    public static final int IOVEC_SIZE = 16;
    public static final int IOVEC__IOV_BASE = 0;
    public static final int IOVEC__IOV_LEN = 8;

    public static final int MSGHDR_SIZE = 56;
    public static final int MSGHDR__MSG_NAME = 0;
    public static final int MSGHDR__MSG_NAMELEN = 8;
    public static final int MSGHDR__MSG_IOV = 16;
    public static final int MSGHDR__MSG_IOVLEN = 24;
    public static final int MSGHDR__MSG_CONTROL = 32;
    public static final int MSGHDR__MSG_CONTROLLEN = 40;
    public static final int MSGHDR__MSG_FLAGS = 48;

    public static final int CMSGHDR_SIZE = 16;
    public static final int CMSGHDR__CMSG_LEN = 0;
    public static final int CMSGHDR__CMSG_LEVEL = 8;
    public static final int CMSGHDR__CMSG_TYPE = 12;

    public static final int UCRED_SIZE = 12;
    public static final int UCRED__UID = 4;

    public static final int MMSGHDR_SIZE = 64;
    public static final int MMSGHDR__MSG_LEN = 56;

    public static final int TIMESPEC_SIZE = 16;
    public static final int TIMESPEC__TV_SEC = 0;
    public static final int TIMESPEC__TV_NSEC = 8;

    public static final int LINGER_SIZE = 8;
    public static final int LINGER__L_ONOFF = 0;
    public static final int LINGER__L_LINGER = 4;

    public static final int IP_MREQN_SIZE = 12;
    public static final int IP_MREQN__IMR_MULTIADDR = 0;
    public static final int IP_MREQN__IMR_ADDRESS = 4;
    public static final int IP_MREQN__IMR_IFINDEX = 8;

    public static final int IPV6_MREQ_SIZE = 20;
    public static final int IPV6_MREQ__IPV6MR_INTERFACE = 16;

    public static final int POLLFD__FD = 0;
    public static final int POLLFD__EVENTS = 4;
    public static final int POLLFD__REVENTS = 6;

    public static final int INOTIFY_EVENT_SIZE = 16;
    public static final int INOTIFY_EVENT__WD = 0;
    public static final int INOTIFY_EVENT__MASK = 4;
    public static final int INOTIFY_EVENT__COOKIE = 8;
    public static final int INOTIFY_EVENT__LEN = 12;

    public static final int STATX__STX_MODE = 28;

    private Layouts() {}
}
