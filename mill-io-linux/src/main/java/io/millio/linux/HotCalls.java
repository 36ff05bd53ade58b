package io.millio.linux;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The calls of each turn and each message, made by number. The functions of the C library of these names are points at
 * which a thread can be cancelled: in a process of many threads each enters and leaves that state by atomic steps, 1 %
 * of an echo. And {@code recvfrom} is shorter than {@code read}, which has files in mind.
 */
final class HotCalls {
    // Its first word is the number. It is written in assembler, and takes its words where every function does.
    private static final MethodHandle SYSCALL = Libc.function("syscall");

    private HotCalls() {}

    /** {@code ssize_t recv(int fd, void *buf, size_t size, int flags)}: recvfrom(2), without an address. */
    static long recv(MemorySegment errno, int fd, long buffer, long size) {
        try {
            return Libc.ofLong(
                    (long) SYSCALL.invokeExact(
                            errno,
                            (long) Architecture.SYS_RECVFROM,
                            (long) fd,
                            buffer,
                            size,
                            (long) Constants.MSG_DONTWAIT,
                            0L),
                    errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /** {@code ssize_t send(int fd, const void *buf, size_t size, int flags)}: sendto(2), without an address. */
    static long send(MemorySegment errno, int fd, long buffer, long size) {
        try {
            return Libc.ofLong(
                    (long) SYSCALL.invokeExact(
                            errno,
                            (long) Architecture.SYS_SENDTO,
                            (long) fd,
                            buffer,
                            size,
                            (long) (Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL),
                            0L),
                    errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /**
     * {@code int epoll_pwait2(int epfd, struct epoll_event *events, int maxevents, const struct timespec *timeout,
     * const sigset_t *sigmask)}; {@code -ENOSYS} on a Linux before 5.11.
     */
    static int epollWait(MemorySegment errno, int epoll, long events, int capacity, long timespec) {
        try {
            return Libc.ofInt(
                    (long) SYSCALL.invokeExact(
                            errno,
                            (long) Architecture.SYS_EPOLL_PWAIT2,
                            (long) epoll,
                            events,
                            (long) capacity,
                            timespec,
                            0L),
                    errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
