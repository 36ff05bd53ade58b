package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millio.internal.Arguments;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.UseCount;
import io.millio.transport.SendableFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A regular file, open for sendfile(2). */
final class RegularFile extends UseCount implements SendableFile {
    /**
     * The device that takes bytes and forgets them; negative if there is none. What sendfile(2) sends to it is waited
     * for, and not copied. Opened once for all files, and never closed.
     */
    private static final class Nowhere {
        // Of its type: a file of that name would be filled.
        static final int FD = open(Path.of("/dev/null"), Constants.O_WRONLY, Constants.S_IFCHR);
    }

    private final int fd;
    private final Path path;

    private RegularFile(int fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    // ---- opening

    /** Opens one; null if it can't be, is no regular file, or is none that the system knows by this path. */
    static @Nullable RegularFile open(Path path) {
        if (!isOfTheSystem(path.getFileSystem()) || Nowhere.FD < 0) {
            return null;
        }
        // A pipe without a writer would hold up an open that may wait.
        Path name = path.toAbsolutePath(); // relative ones begin where the JVM was started
        int fd = open(name, Constants.O_RDONLY | Constants.O_NONBLOCK, Constants.S_IFREG);
        return fd < 0 ? null : new RegularFile(fd, path);
    }

    /** The default one may be of a provider that the program has named. */
    private static boolean isOfTheSystem(FileSystem files) {
        return files == FileSystems.getDefault() && files.provider().getClass().getModule() == Object.class.getModule();
    }

    /** Opens a file of a type; returns its descriptor, or errno negated. */
    private static int open(Path name, int flags, int type) {
        try (Scratch scratch = Scratch.take()) {
            if (!scratch.putPath(name)) {
                return -Errno.ENAMETOOLONG;
            }
            int fd = Libc.Sendfile.OPEN.call(scratch.errno, scratch.bytesAddress(), flags | Constants.O_CLOEXEC);
            if (fd >= 0 && type(fd, scratch) != type) {
                Libc.close(fd);
                return -Errno.EINVAL;
            }
            return fd;
        }
    }

    /** Returns the type of an open file, or errno negated. */
    private static int type(int fd, Scratch scratch) {
        scratch.value.set(JAVA_INT, 0, 0); // no name: the descriptor itself
        int result = Libc.Sendfile.STATX.call(
                scratch.errno,
                fd,
                scratch.value.address(),
                Constants.AT_EMPTY_PATH,
                Constants.STATX_TYPE,
                scratch.bytesAddress());
        MemorySegment status = MemorySegment.ofBuffer(scratch.bytes().clear());
        return result < 0 ? result : status.get(JAVA_SHORT, Layouts.STATX__STX_MODE) & Constants.S_IFMT;
    }

    // ---- sending

    @Override
    public long prefetch(long position, long count) throws IOException {
        checkPart(position, count);
        long total = 0;
        while (total < count) {
            long got = sendTo(Nowhere.FD, position + total, count - total);
            if (got == 0) {
                break;
            }
            Errno.check(got, "reading " + path);
            total += got;
        }
        return total;
    }

    static void checkPart(long position, long count) {
        Arguments.atLeast(0, position, "position");
        Arguments.atLeast(0, count, "count");
    }

    /**
     * Has the system send a part to a descriptor; returns how many bytes, 0 at the end of the file, or errno negated.
     *
     * @throws UnsupportedOperationException if it says that there is no such way, not that it has failed: a sandbox may
     * @throws IOException if it is closed
     */
    long sendTo(int to, long position, long count) throws IOException {
        if (!enter()) {
            throw new IOException("file: closed already: " + path);
        }
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_LONG, 0, position);
            long sent = Libc.Sendfile.SENDFILE.transfer(scratch.errno, to, fd, scratch.value.address(), count, 0, 0);
            return switch ((int) -sent) {
                case Errno.EINVAL, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.EPERM, Errno.EOVERFLOW ->
                    throw new UnsupportedOperationException(Errno.message((int) -sent) + ": sending " + path);
                default -> sent;
            };
        } finally {
            if (leave()) {
                Libc.close(fd); // the thread that closed has gone on
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (shut() && leave()) {
            Errno.check(Libc.close(fd), "closing " + path);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
