package io.millio.linux;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Of fcntl.h, sys/stat.h and sys/sendfile.h: to open a file and have it sent. */
final class SendfileCalls {
    private static final MethodHandle OPEN = Libc.variadic("open", 2);
    private static final MethodHandle STATX = Libc.function("statx");
    private static final MethodHandle SENDFILE = Libc.function("sendfile");

    private SendfileCalls() {}

    /** {@code int open(const char *pathname, int flags)}. */
    static int open(MemorySegment errno, long path, int flags) {
        return Libc.call(OPEN, errno, path, flags, 0, 0, 0);
    }

    /** {@code int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *buffer)}. */
    static int statx(MemorySegment errno, int directory, long path, int flags, int mask, long result) {
        return Libc.call(STATX, errno, directory, path, flags, mask, result);
    }

    /** {@code ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count)}. */
    static long sendfile(MemorySegment errno, int to, int from, long offset, long count) {
        try {
            return Libc.ofLong(
                    (long) SENDFILE.invokeExact(errno, (long) to, (long) from, offset, count, 0L, 0L), errno);
        } catch (Throwable t) {
            throw Libc.failed(t);
        }
    }
}
