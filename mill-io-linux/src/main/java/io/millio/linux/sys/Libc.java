package io.millio.linux.sys;

import static io.millio.linux.sys.Function.function;
import static io.millio.linux.sys.Function.variadic;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/**
 * The functions of the C library that this module calls, grouped by what needs them: a group is linked when it is first
 * used, so that a TCP echo links no inotify. Results are as the manual says, failures errno negated.
 */
public final class Libc {
    private Libc() {}

    /** Texts. */
    static final class Strings {
        /** {@code char *strerror(int errnum)}. */
        static final Function STRERROR = function("strerror");
    }

    /** What every descriptor can. */
    public static final class Files {
        /** {@code int close(int fd)}. */
        public static final Function CLOSE = function("close");
        /** {@code ssize_t read(int fd, void *buf, size_t count)}. */
        public static final Function READ = function("read");
        /** {@code ssize_t write(int fd, const void *buf, size_t count)}. */
        public static final Function WRITE = function("write");
    }

    /** What is asked of descriptors that others opened, and pipes. */
    public static final class Descriptors {
        /** {@code int fcntl(int fd, int op, int argument)}. */
        public static final Function FCNTL = variadic("fcntl", 2);
        /** {@code int pipe2(int fds[2], int flags)}. */
        public static final Function PIPE2 = function("pipe2");
        /** {@code int isatty(int fd)}. */
        public static final Function ISATTY = function("isatty");

        /** {@code int flock(int fd, int operation)}. */
        public static final Function FLOCK = function("flock");

        /** {@code int poll(struct pollfd *fds, nfds_t nfds, int timeout)}. */
        public static final Function POLL = function("poll");
    }

    /** To open a file and have it sent. */
    public static final class Sendfile {
        /** {@code int open(const char *pathname, int flags)}. */
        public static final Function OPEN = variadic("open", 2);
        /** {@code int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *buffer)}. */
        public static final Function STATX = function("statx");
        /** {@code ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count)}. */
        public static final Function SENDFILE = function("sendfile");
    }

    /** Sockets, from making one to its options. */
    public static final class Sockets {
        /** {@code int socket(int domain, int type, int protocol)}. */
        public static final Function SOCKET = function("socket");
        /** {@code int bind(int fd, const struct sockaddr *addr, socklen_t addrlen)}. */
        public static final Function BIND = function("bind");
        /** {@code int listen(int fd, int backlog)}. */
        public static final Function LISTEN = function("listen");
        /** {@code int accept4(int fd, struct sockaddr *addr, socklen_t *addrlen, int flags)}. */
        public static final Function ACCEPT4 = function("accept4");
        /** {@code int connect(int fd, const struct sockaddr *addr, socklen_t addrlen)}. */
        public static final Function CONNECT = function("connect");
        /** {@code int shutdown(int fd, int how)}. */
        public static final Function SHUTDOWN = function("shutdown");
        /** {@code int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen)}. */
        public static final Function GETSOCKNAME = function("getsockname");
        /** {@code int getpeername(int fd, struct sockaddr *addr, socklen_t *addrlen)}. */
        public static final Function GETPEERNAME = function("getpeername");
        /** {@code int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)}. */
        public static final Function GETSOCKOPT = function("getsockopt");
        /** {@code int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)}. */
        public static final Function SETSOCKOPT = function("setsockopt");
        /** {@code int fchmod(int fd, mode_t mode)}. */
        public static final Function FCHMOD = function("fchmod");
    }

    /** Messages that carry descriptors, and whose they are. */
    public static final class Passing {
        /** {@code ssize_t sendmsg(int fd, const struct msghdr *message, int flags)}. */
        public static final Function SENDMSG = function("sendmsg");
        /** {@code ssize_t recvmsg(int fd, struct msghdr *message, int flags)}. */
        public static final Function RECVMSG = function("recvmsg");
        /** {@code uid_t geteuid(void)}. */
        public static final Function GETEUID = function("geteuid");
    }

    /** To write several buffers in one call. */
    public static final class Vectors {
        /** {@code ssize_t writev(int fd, const struct iovec *iov, int iovcnt)}. */
        public static final Function WRITEV = function("writev");
    }

    /** Datagrams. */
    public static final class Datagrams {
        /**
         * {@code ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr, socklen_t *len)}.
         */
        public static final Function RECVFROM = function("recvfrom");
        /**
         * {@code ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr, socklen_t
         * len)}.
         */
        public static final Function SENDTO = function("sendto");
        /** {@code int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, timespec *timeout)}. */
        public static final Function RECVMMSG = function("recvmmsg");
        /** {@code int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)}. */
        public static final Function SENDMMSG = function("sendmmsg");
    }

    /** epoll and eventfd. */
    public static final class Epoll {
        /** {@code int epoll_create1(int flags)}. */
        public static final Function CREATE = function("epoll_create1");
        /** {@code int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)}. */
        public static final Function CTL = function("epoll_ctl");
        /** {@code int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)}. */
        public static final Function WAIT = function("epoll_wait");
        /** {@code int eventfd(unsigned int initval, int flags)}. */
        public static final Function EVENTFD = function("eventfd");
    }

    /** inotify. */
    public static final class Inotify {
        /** {@code int inotify_init1(int flags)}. */
        public static final Function INIT = function("inotify_init1");
        /** {@code int inotify_add_watch(int fd, const char *path, uint32_t mask)}. */
        public static final Function ADD = function("inotify_add_watch");
        /** {@code int inotify_rm_watch(int fd, int wd)}. */
        public static final Function REMOVE = function("inotify_rm_watch");
    }

    /**
     * The calls of each turn and each message, made by number. The functions of the C library of these names are points
     * at which a thread can be cancelled: in a process of many threads each enters and leaves that state by atomic
     * steps, 1 % of an echo. And {@code recvfrom} is shorter than {@code read}, which has files in mind.
     */
    private static final class Hot {
        // Its first word is the number. It is written in assembler, and takes its words where every function does. A
        // constant of the method that calls it, so that the call is fast wherever the compiler stops inlining.
        private static final MethodHandle SYSCALL =
                Objects.requireNonNull(function("syscall").handle());

        static long call(MemorySegment errno, long number, long a, long b, long c, long d) {
            try {
                long result = (long) SYSCALL.invokeExact(errno, number, a, b, c, d, 0L);
                return result == -1 ? -errno.get(JAVA_INT, 0) : result;
            } catch (Throwable t) {
                throw Function.failed(t);
            }
        }

        static long transfer(MemorySegment errno, long number, long a, long b, long c, long d) {
            long result = call(errno, number, a, b, c, d);
            for (int i = 1; result == -Errno.EINTR; i++) {
                result = i == Function.MAX_INTERRUPTS ? -Errno.EAGAIN : call(errno, number, a, b, c, d);
            }
            return result;
        }
    }

    /** {@code ssize_t recv(int fd, void *buf, size_t size, int flags)}: recvfrom(2), without an address. */
    public static long recv(MemorySegment errno, int fd, long buffer, long size) {
        return Hot.transfer(errno, Architecture.SYS_RECVFROM, fd, buffer, size, Constants.MSG_DONTWAIT);
    }

    /** {@code ssize_t send(int fd, const void *buf, size_t size, int flags)}: sendto(2), without an address. */
    public static long send(MemorySegment errno, int fd, long buffer, long size) {
        int flags = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL;
        return Hot.transfer(errno, Architecture.SYS_SENDTO, fd, buffer, size, flags);
    }

    /**
     * {@code int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents, const struct timespec *timeout,
     * const sigset_t *sigmask)}; {@code -ENOSYS} on a Linux before 5.11.
     */
    public static int epollWait(MemorySegment errno, int epoll, long events, int capacity, long timespec) {
        return (int) Hot.call(errno, Architecture.SYS_EPOLL_PWAIT2, epoll, events, capacity, timespec);
    }

    /** Closes a descriptor; returns 0, or errno negated. Where a signal interrupts it, Linux has closed it by then. */
    public static int close(int fd) {
        try (Scratch scratch = Scratch.take()) {
            int result = Files.CLOSE.call(scratch.errno, fd);
            return result == -Errno.EINTR ? 0 : result;
        }
    }
}
