package io.millio.linux;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of sys/uio.h. */
final class VectorCalls {
    private static final MethodHandle WRITEV = Libc.function("writev");

    private VectorCalls() {}

    /** {@code ssize_t writev(int fd, const struct iovec *iov, int iovcnt)}. */
    static long writev(MemorySegment errno, int fd, long vectors, int count) {
        try {
            return Libc.ofLong((long) WRITEV.invokeExact(errno, (long) fd, vectors, (long) count, 0L, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
