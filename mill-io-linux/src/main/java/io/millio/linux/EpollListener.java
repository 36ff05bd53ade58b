package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millio.internal.Addresses;
import io.millio.internal.UnixSocketFile;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.SocketAddresses;
import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens. What it accepts inherits its {@code TCP_NODELAY}, and is made non-blocking by the same call.
 */
final class EpollListener extends SocketDescriptor<TcpListener> implements TcpListener {
    private static final UnixDomainSocketAddress NAMELESS = UnixDomainSocketAddress.of("");

    /** How many connections that died while they waited one call passes over. More in a row is another failure. */
    private static final int MAX_DEAD = 64;

    private final SocketAddress local;

    // Written in the constructor; the one that closes unlinks it.
    private final @Nullable UnixSocketFile file;

    // Only ever set, before the close that reads it, which any thread may do.
    private volatile boolean passedOn;

    // Volatile: set by the thread that accepts, taken by the loop.
    private volatile @Nullable IOException acceptError;

    EpollListener(int fd, int family, SocketAddress local, @Nullable UnixSocketFile file) {
        super(fd, family);
        this.local = local;
        this.file = file;
    }

    @Override
    void closed() throws IOException {
        if (file != null && !passedOn) {
            file.unlink();
        }
    }

    @Override
    void passedOn() {
        passedOn = true;
    }

    static SocketOptions options(int family) {
        return family == Constants.AF_UNIX ? SocketOptions.UNIX_LISTENER : SocketOptions.TCP_LISTENER;
    }

    @Override
    SocketOptions options() {
        return options(family);
    }

    @Override
    int readiness(int events) {
        return Readiness.READABLE;
    }

    @Override
    public @Nullable TcpStream accept() throws IOException {
        begin();
        try (Scratch scratch = Scratch.take()) {
            int result = -Errno.EAGAIN;
            for (int i = 0; i < MAX_DEAD; i++) {
                scratch.length.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
                result = Libc.Sockets.ACCEPT4.call(
                        scratch.errno,
                        fd,
                        scratch.address.address(),
                        scratch.length.address(),
                        Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
                if (result >= 0) {
                    return stream(result, scratch);
                }
                if (result == -Errno.EAGAIN) {
                    return null;
                }
                if (!Errno.isOfDeadConnection(-result)) {
                    break;
                }
            }
            // Out of descriptors or memory, or forbidden, or a transient error that does not pass: the loop pauses.
            acceptError = Errno.exception(-result, "accepting on " + Addresses.text(local));
            return null;
        } finally {
            end();
        }
    }

    private static TcpStream stream(int accepted, Scratch scratch) {
        try {
            SocketAddress remote = SocketAddresses.decode(scratch.address, scratch.length.get(JAVA_INT, 0));
            return new EpollStream(accepted, remote == null ? NAMELESS : remote, true);
        } catch (Throwable t) { // no memory
            Libc.Files.CLOSE.call(scratch.errno, accepted);
            throw t;
        }
    }

    @Override
    public @Nullable IOException takeAcceptError() {
        IOException taken = acceptError;
        acceptError = null;
        return taken;
    }

    @Override
    public int condition() {
        return super.condition() | (acceptError == null ? 0 : Readiness.EXHAUSTED);
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public String toString() {
        return (local instanceof InetSocketAddress ? "tcp" : "unix") + " listener " + Addresses.text(local);
    }
}
