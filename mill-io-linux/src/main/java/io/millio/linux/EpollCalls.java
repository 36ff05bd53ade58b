package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of sys/epoll.h and sys/eventfd.h. */
final class EpollCalls {
    private static final MethodHandle CREATE = function("epoll_create1");
    private static final MethodHandle CTL = function("epoll_ctl");
    private static final MethodHandle EVENTFD = function("eventfd");

    private EpollCalls() {}

    /** Not needed where Linux knows nanoseconds. */
    private static final class Wait {
        static final MethodHandle WAIT = function("epoll_wait");
    }

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
    static int epollWait(MemorySegment errno, int epoll, long events, int capacity, int timeoutMillis) {
        try {
            return Libc.ofInt(
                    (long) Wait.WAIT.invokeExact(
                            errno, (long) epoll, events, (long) capacity, (long) timeoutMillis, 0L, 0L),
                    errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
