package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millio.internal.Arguments;
import io.millio.linux.sys.Buffers;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Any descriptor that can be polled, as a source of the epoll transport: standard input and output, pipes, what another
 * library opened. One reader and one writer at a time; {@link #close} is for any thread.
 *
 * <p>Standard input, output and error are left in the mode in which they were found, for they are shared with other
 * processes. A terminal is opened a second time, so that only this class's use of it is non-blocking: a terminal that
 * takes something may still take less than a write. Where the mode is blocking otherwise, this class asks before each
 * read and write whether it would wait. All other descriptors are made non-blocking.
 */
public final class Fd extends Descriptor {
    private static final int STANDARD = 2;

    /** What a pipe takes without waiting once it says that it takes something (PIPE_BUF). */
    private static final int ATOMIC_BYTES = 4096;

    private final boolean owned;
    private final boolean blocking;
    private final int atMost;

    private Fd(int fd, boolean owned, boolean blocking) {
        super(fd);
        this.owned = owned;
        this.blocking = blocking;
        this.atMost = blocking ? ATOMIC_BYTES : Integer.MAX_VALUE;
    }

    /** Both ends of a pipe. */
    public record Pipe(Fd reader, Fd writer) {}

    /** Standard input. Closing it ends its use here, and leaves descriptor 0 open. */
    public static Fd standardInput() throws IOException {
        return standard(0, Constants.O_RDONLY);
    }

    /** Standard output. Closing it ends its use here, and leaves descriptor 1 open. */
    public static Fd standardOutput() throws IOException {
        return standard(1, Constants.O_WRONLY);
    }

    /** Opens a terminal once more, for a mode of its own; borrows all else. */
    static Fd standard(int descriptor, int access) throws IOException {
        EpollTransportProvider.checkUsable();
        try (Scratch scratch = Scratch.take()) {
            if (Libc.Descriptors.ISATTY.call(scratch.errno, descriptor) == 1
                    && scratch.putPath(Path.of("/proc/self/fd/" + descriptor))) {
                int flags = access | Constants.O_NONBLOCK | Constants.O_NOCTTY | Constants.O_CLOEXEC;
                int fd = Libc.Sendfile.OPEN.call(scratch.errno, scratch.bytesAddress(), flags);
                if (fd >= 0) {
                    return new Fd(fd, true, false);
                }
                // Of another user, say, before a change of user: borrowed, as it is.
            }
        }
        return borrow(descriptor);
    }

    /**
     * A descriptor that stays its owner's: {@link #close} leaves it open. The owner keeps it open until then.
     *
     * @throws IllegalArgumentException if it is negative
     * @throws IOException if it is not open
     */
    public static Fd borrow(int descriptor) throws IOException {
        return of(descriptor, false);
    }

    /**
     * A descriptor that is this object's from now on, and is closed with it; no other code may close it. A standard one
     * is left open all the same, so that its number never comes to mean something else.
     *
     * @throws IllegalArgumentException if it is negative
     * @throws IOException if it is not open
     */
    public static Fd adopt(int descriptor) throws IOException {
        return of(descriptor, true);
    }

    private static Fd of(int descriptor, boolean owned) throws IOException {
        EpollTransportProvider.checkUsable();
        Arguments.atLeast(0, descriptor, "descriptor");
        String what = "using descriptor " + descriptor;
        int flags = fcntl(descriptor, Constants.F_GETFL, 0, what);
        boolean blocking = (flags & Constants.O_NONBLOCK) == 0;
        if (blocking && descriptor > STANDARD) {
            fcntl(descriptor, Constants.F_SETFL, flags | Constants.O_NONBLOCK, what);
            blocking = false;
        }
        return new Fd(descriptor, owned && descriptor > STANDARD, blocking);
    }

    static int fcntl(int fd, int operation, int argument, String what) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            return (int) Errno.check(Libc.Descriptors.FCNTL.call(scratch.errno, fd, operation, argument), what);
        }
    }

    /** A new pipe. */
    public static Pipe pipe() throws IOException {
        EpollTransportProvider.checkUsable();
        try (Scratch scratch = Scratch.take()) {
            int flags = Constants.O_NONBLOCK | Constants.O_CLOEXEC;
            Errno.check(Libc.Descriptors.PIPE2.call(scratch.errno, scratch.value.address(), flags), "opening a pipe");
            return new Pipe(
                    new Fd(scratch.value.get(JAVA_INT, 0), true, false),
                    new Fd(scratch.value.get(JAVA_INT, Integer.BYTES), true, false));
        }
    }

    @Override
    boolean isOwned() {
        return owned;
    }

    /** The number of the descriptor; another's, perhaps, once this is closed. */
    public int number() {
        return fd;
    }

    /**
     * Reads what is there, up to the room in the buffer.
     *
     * @return the number of bytes; 0 when nothing is there now; -1 at the end of input, after which the loop asks for
     *     no more
     */
    public int read(ByteBuffer to) throws IOException {
        Buffers.writable(to);
        int got;
        begin();
        try {
            if (!to.hasRemaining() || (blocking && !isReady(Constants.POLLIN))) {
                return 0;
            }
            got = Buffers.read(Buffers.Kind.FILE, fd, to, atMost);
        } finally {
            end();
        }
        return received(got);
    }

    /** Writes as much as the system takes now, and returns how much that was. */
    public int write(ByteBuffer from) throws IOException {
        int put;
        begin();
        try {
            if (!from.hasRemaining() || (blocking && !isReady(Constants.POLLOUT))) {
                return 0;
            }
            put = Buffers.write(Buffers.Kind.FILE, fd, from, atMost);
        } finally {
            end();
        }
        return (int) transferred(put, "writing");
    }

    private boolean isReady(int events) {
        try (Scratch scratch = Scratch.take()) {
            scratch.value.set(JAVA_INT, Layouts.POLLFD__FD, fd);
            scratch.value.set(JAVA_SHORT, Layouts.POLLFD__EVENTS, (short) events);
            scratch.value.set(JAVA_SHORT, Layouts.POLLFD__REVENTS, (short) 0);
            return Libc.Descriptors.POLL.call(scratch.errno, scratch.value.address(), 1, 0) > 0;
        }
    }

    @Override
    public String toString() {
        return "descriptor " + fd + (isOpen() ? "" : " (closed)");
    }
}
