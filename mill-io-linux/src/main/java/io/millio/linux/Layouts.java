package io.millio.linux;

/**
 * Sizes of structures and offsets in them, in bytes: {@code STRUCT_SIZE} and {@code STRUCT__FIELD}. A test compares
 * them with a C compiler's. They hold on each 64-bit Linux; {@code epoll_event}, which differs, is
 * {@link Architecture}'s.
 */
final class Layouts {
    static final int SOCKADDR__SA_FAMILY = 0;

    static final int SOCKADDR_IN_SIZE = 16;
    static final int SOCKADDR_IN__SIN_PORT = 2;
    static final int SOCKADDR_IN__SIN_ADDR = 4;

    static final int SOCKADDR_IN6_SIZE = 28;
    static final int SOCKADDR_IN6__SIN6_PORT = 2;
    static final int SOCKADDR_IN6__SIN6_ADDR = 8;
    static final int SOCKADDR_IN6__SIN6_SCOPE_ID = 24;

    static final int SOCKADDR_UN_SIZE = 110;
    static final int SOCKADDR_UN__SUN_PATH = 2;

    static final int IOVEC_SIZE = 16;
    static final int IOVEC__IOV_BASE = 0;
    static final int IOVEC__IOV_LEN = 8;

    static final int MSGHDR_SIZE = 56;
    static final int MSGHDR__MSG_NAME = 0;
    static final int MSGHDR__MSG_NAMELEN = 8;
    static final int MSGHDR__MSG_IOV = 16;
    static final int MSGHDR__MSG_IOVLEN = 24;
    static final int MSGHDR__MSG_FLAGS = 48;

    static final int MMSGHDR_SIZE = 64;
    static final int MMSGHDR__MSG_LEN = 56;

    static final int TIMESPEC_SIZE = 16;
    static final int TIMESPEC__TV_SEC = 0;
    static final int TIMESPEC__TV_NSEC = 8;

    static final int LINGER_SIZE = 8;
    static final int LINGER__L_ONOFF = 0;
    static final int LINGER__L_LINGER = 4;

    static final int IP_MREQN_SIZE = 12;
    static final int IP_MREQN__IMR_MULTIADDR = 0;
    static final int IP_MREQN__IMR_ADDRESS = 4;
    static final int IP_MREQN__IMR_IFINDEX = 8;

    static final int IPV6_MREQ_SIZE = 20;
    static final int IPV6_MREQ__IPV6MR_MULTIADDR = 0;
    static final int IPV6_MREQ__IPV6MR_INTERFACE = 16;

    static final int POLLFD_SIZE = 8;
    static final int POLLFD__FD = 0;
    static final int POLLFD__EVENTS = 4;
    static final int POLLFD__REVENTS = 6;

    static final int INOTIFY_EVENT_SIZE = 16;
    static final int INOTIFY_EVENT__WD = 0;
    static final int INOTIFY_EVENT__MASK = 4;
    static final int INOTIFY_EVENT__COOKIE = 8;
    static final int INOTIFY_EVENT__LEN = 12;

    static final int STATX_SIZE = 256;
    static final int STATX__STX_MODE = 28;
    static final int STATX__STX_RDEV_MAJOR = 128;
    static final int STATX__STX_RDEV_MINOR = 132;

    private Layouts() {}
}
