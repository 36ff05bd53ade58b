package io.millio.linux;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of fcntl.h, poll.h and sys/stat.h: what is asked of descriptors that others opened. */
final class DescriptorCalls {
    private static final MethodHandle FCNTL = Libc.variadic("fcntl", 2);
    private static final MethodHandle PIPE2 = Libc.function("pipe2");
    private static final MethodHandle POLL = Libc.function("poll");

    private DescriptorCalls() {}

    /** {@code int fcntl(int fd, int op, int argument)}. */
    static int fcntl(MemorySegment errno, int fd, int operation, int argument) {
        return Libc.call(FCNTL, errno, fd, operation, argument, 0, 0);
    }

    /** {@code int pipe2(int fds[2], int flags)}. */
    static int pipe2(MemorySegment errno, long descriptors, int flags) {
        return Libc.call(PIPE2, errno, descriptors, flags, 0, 0, 0);
    }

    /** {@code int poll(struct pollfd *fds, nfds_t nfds, int timeout)}. */
    static int poll(MemorySegment errno, long descriptors, int count, int timeoutMillis) {
        return Libc.call(POLL, errno, descriptors, count, timeoutMillis, 0, 0);
    }
}
