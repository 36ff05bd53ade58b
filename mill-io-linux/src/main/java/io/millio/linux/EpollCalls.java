package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** Of sys/epoll.h and sys/eventfd.h. */
final class EpollCalls {
    private static final MethodHandle CREATE = function("epoll_create1");
    private static final MethodHandle CTL = function("epoll_ctl");
    private static final MethodHandle WAIT = function("epoll_wait");
    private static final MethodHandle EVENTFD = function("eventfd");

    // Since glibc 2.35.
    private static final @Nullable MethodHandle PWAIT2 =
            Libc.optional("epoll_pwait2").orElse(null);

    private EpollCalls() {}

    /** {@code int epoll_create1(int flags)}. */
    static int create(MemorySegment errno, int flags) {
        return Libc.call(CREATE, errno, flags, 0, 0, 0, 0);
    }

    /** {@code int eventfd(unsigned int initval, int flags)}. */
    static int eventfd(MemorySegment errno, int flags) {
        return Libc.call(EVENTFD, errno, 0, flags, 0, 0, 0);
    }

    /** {@code int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)}. */
    static int ctl(MemorySegment errno, int epoll, int operation, int fd, long event) {
        try {
            return Libc.ofInt(
                    (long) CTL.invokeExact(errno, (long) epoll, (long) operation, (long) fd, event, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /** {@code int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)}. */
    static int await(MemorySegment errno, int epoll, long events, int capacity, int timeoutMillis) {
        try {
            return Libc.ofInt(
                    (long) WAIT.invokeExact(errno, (long) epoll, events, (long) capacity, (long) timeoutMillis, 0L, 0L),
                    errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /**
     * {@code int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents, const struct timespec *timeout, const sigset_t
     * *sigmask)}; {@code -ENOSYS} where the C library does not know it, or Linux, which does since 5.11.
     */
    static int await(MemorySegment errno, int epoll, long events, int capacity, long timespec) {
        if (PWAIT2 == null) {
            return -Errno.ENOSYS;
        }
        try {
            return Libc.ofInt(
                    (long) PWAIT2.invokeExact(errno, (long) epoll, events, (long) capacity, timespec, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
