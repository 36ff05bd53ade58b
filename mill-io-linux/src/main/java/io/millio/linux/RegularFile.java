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
import io.millio.linux.sys.SocketAddresses;
import io.millio.linux.sys.UseCount;
import io.millio.transport.SendableFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A regular file, open for sendfile(2). */
final class RegularFile extends UseCount implements SendableFile {
    /** With the zero at its end (PATH_MAX). */
    private static final int MAX_PATH_BYTES = 4096;

    /** What a name is shown with that is none in the encoding of names. */
    private static final char REPLACEMENT = '\uFFFD';

    /**
     * The device that takes bytes and forgets them; negative if there is none. What sendfile(2) sends to it is waited
     * for, and not copied. Opened once for all files, and never closed.
     */
    private static final class Nowhere {
        private static final int MAJOR = 1;
        private static final int MINOR = 3;

        static final int FD = open();

        private static int open() {
            int fd = RegularFile.open("/dev/null", Constants.O_WRONLY);
            if (fd >= 0 && !isNull(fd)) { // a file of that name would be filled
                Libc.close(fd);
                return -Errno.ENODEV;
            }
            return fd;
        }

        private static boolean isNull(int fd) {
            try (Scratch scratch = Scratch.take()) {
                MemorySegment found = status(fd, scratch);
                return found != null
                        && type(found) == Constants.S_IFCHR
                        && found.get(JAVA_INT, Layouts.STATX__STX_RDEV_MAJOR) == MAJOR
                        && found.get(JAVA_INT, Layouts.STATX__STX_RDEV_MINOR) == MINOR;
            }
        }
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
        String name = path.toAbsolutePath().toString(); // relative ones begin where the JVM was started
        if (!isOfTheSystem(path.getFileSystem()) || name.indexOf(REPLACEMENT) >= 0 || Nowhere.FD < 0) {
            return null;
        }
        // A pipe without a writer would hold up an open that may wait.
        int fd = open(name, Constants.O_RDONLY | Constants.O_NONBLOCK);
        if (fd < 0) {
            return null;
        }
        if (!isRegular(fd)) {
            Libc.close(fd);
            return null;
        }
        return new RegularFile(fd, path);
    }

    /** The default one may be of a provider that the program has named. */
    private static boolean isOfTheSystem(FileSystem files) {
        return files == FileSystems.getDefault() && files.provider().getClass().getModule() == Object.class.getModule();
    }

    /** Returns the descriptor, or errno negated. */
    private static int open(String name, int flags) {
        byte[] bytes = name.getBytes(SocketAddresses.FILE_NAMES);
        if (bytes.length >= MAX_PATH_BYTES) {
            return -Errno.ENAMETOOLONG;
        }
        try (Scratch scratch = Scratch.take()) {
            scratch.bytes.clear().put(bytes).put((byte) 0);
            return Libc.Sendfile.OPEN.call(scratch.errno, scratch.bytesAddress(), flags | Constants.O_CLOEXEC);
        }
    }

    private static boolean isRegular(int fd) {
        try (Scratch scratch = Scratch.take()) {
            MemorySegment found = status(fd, scratch);
            return found != null && type(found) == Constants.S_IFREG;
        }
    }

    /** Returns the status of an open file, a {@code statx} in the scratch; null if the call fails. */
    private static @Nullable MemorySegment status(int fd, Scratch scratch) {
        scratch.value.set(JAVA_INT, 0, 0); // no name: the descriptor itself
        ByteBuffer room = scratch.bytes.clear().limit(Layouts.STATX_SIZE);
        int result = Libc.Sendfile.STATX.call(
                scratch.errno,
                fd,
                scratch.value.address(),
                Constants.AT_EMPTY_PATH,
                Constants.STATX_TYPE,
                scratch.bytesAddress());
        return result < 0 ? null : MemorySegment.ofBuffer(room);
    }

    private static int type(MemorySegment status) {
        return status.get(JAVA_SHORT, Layouts.STATX__STX_MODE) & Constants.S_IFMT;
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
            if (got < 0 && isUnsupported((int) -got)) {
                throw unsupported((int) -got, "reading " + path);
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
     * @throws IOException if it is closed
     */
    long sendTo(int to, long position, long count) throws IOException {
        if (!enter()) {
            throw new IOException("file: closed already: " + path);
        }
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_LONG, 0, position);
            return Libc.Sendfile.SENDFILE.transfer(scratch.errno, to, fd, scratch.value.address(), count, 0, 0);
        } finally {
            if (leave()) {
                Libc.close(fd); // the thread that closed has gone on
            }
        }
    }

    /** Whether it says that there is no such way, not that it has failed: a sandbox may, too. */
    static boolean isUnsupported(int errno) {
        return switch (errno) {
            case Errno.EINVAL, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.EPERM, Errno.EOVERFLOW -> true;
            default -> false;
        };
    }

    static UnsupportedOperationException unsupported(int errno, String what) {
        return new UnsupportedOperationException(Errno.message(errno) + ": " + what);
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
