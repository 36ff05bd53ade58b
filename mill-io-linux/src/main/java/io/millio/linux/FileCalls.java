package io.millio.linux;

import static io.millio.linux.Libc.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of unistd.h: what every descriptor can. Results are as the manual says, failures errno negated. */
final class FileCalls {
    private static final MethodHandle CLOSE = function("close");
    private static final MethodHandle READ = function("read");
    private static final MethodHandle WRITE = function("write");

    private FileCalls() {}

    /** {@code ssize_t read(int fd, void *buf, size_t count)}. */
    static long read(MemorySegment errno, int fd, long buffer, long count) {
        try {
            return Libc.ofLong((long) READ.invokeExact(errno, (long) fd, buffer, count, 0L, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /** {@code ssize_t write(int fd, const void *buf, size_t count)}. */
    static long write(MemorySegment errno, int fd, long buffer, long count) {
        try {
            return Libc.ofLong((long) WRITE.invokeExact(errno, (long) fd, buffer, count, 0L, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }

    /** {@code int close(int fd)}. */
    static int close(MemorySegment errno, int fd) {
        return Libc.call(CLOSE, errno, fd, 0, 0, 0, 0);
    }

    /** Closes a descriptor that nobody knows of yet, and that therefore has nothing to lose. */
    static void closeQuietly(int fd) {
        try (Scratch scratch = Scratch.take()) {
            close(scratch.errno, fd);
        }
    }
}
