package io.millio.linux;

import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock of the directory of a file, by flock(2): among threads and processes alike, and gone with its process.
 * Advisory and best effort: it is not taken where the directory can't be opened, or is locked for long by another
 * program.
 *
 * @param fd the open directory; negative if there is none
 */
record DirectoryLock(int fd) {
    private static final int MAX_ATTEMPTS = 1_000;
    private static final long PAUSE_NANOS = 1_000_000;

    /** Takes the lock; the caller releases it. Waits up to about a second. */
    static DirectoryLock take(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        try (Scratch scratch = Scratch.take()) {
            if (directory == null || !scratch.putPath(directory)) {
                return new DirectoryLock(-1);
            }
            int flags = Constants.O_RDONLY | Constants.O_CLOEXEC;
            int fd = Libc.Sendfile.OPEN.call(scratch.errno, scratch.bytesAddress(), flags);
            int locked = fd < 0 ? fd : tryLock(scratch, fd);
            for (int i = 0; locked == -Errno.EAGAIN && i < MAX_ATTEMPTS; i++) {
                LockSupport.parkNanos(PAUSE_NANOS);
                locked = tryLock(scratch, fd);
            }
            return new DirectoryLock(fd);
        }
    }

    private static int tryLock(Scratch scratch, int fd) {
        return Libc.Descriptors.FLOCK.call(scratch.errno, fd, Constants.LOCK_EX | Constants.LOCK_NB);
    }

    /** Releases the lock, with its descriptor. */
    void release() {
        if (fd >= 0) {
            Libc.close(fd);
        }
    }
}
