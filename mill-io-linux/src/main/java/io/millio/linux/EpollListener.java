package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.millio.internal.UnixSocketFile;
import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A socket that listens. What it accepts inherits its {@code TCP_NODELAY}, and is made non-blocking by the same call.
 */
final class EpollListener extends SocketDescriptor implements TcpListener {
    private static final UnixDomainSocketAddress NAMELESS = UnixDomainSocketAddress.of("");

    private final SocketAddress local;
    private final int family;

    // Written in the constructor; the one that closes unlinks it.
    private final @Nullable UnixSocketFile file;

    // Volatile: set by the thread that accepts, taken by the loop.
    private volatile @Nullable IOException acceptError;

    EpollListener(int fd, int family, SocketAddress local, @Nullable UnixSocketFile file) {
        super(fd);
        this.family = family;
        this.local = local;
        this.file = file;
    }

    @Override
    void closed() throws IOException {
        if (file != null) {
            file.unlink();
        }
    }

    @Override
    SocketOptions options() {
        return family == Constants.AF_UNIX ? SocketOptions.UNIX_LISTENER : SocketOptions.TCP_LISTENER;
    }

    @Override
    int family() {
        return family;
    }

    @Override
    int readiness(int events) {
        return Readiness.READABLE;
    }

    @Override
    public @Nullable TcpStream accept() throws IOException {
        begin();
        try (Scratch scratch = Scratch.take()) {
            while (true) {
                scratch.length.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
                int result = SocketCalls.accept4(
                        scratch.errno,
                        fd,
                        scratch.address.address(),
                        scratch.length.address(),
                        Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
                if (result >= 0) {
                    return stream(result, scratch);
                }
                switch (-result) {
                    case Errno.EAGAIN -> {
                        return null;
                    }
                    case Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM -> {
                        acceptError = Errno.exception(-result, "accepting on " + SocketAddresses.text(local));
                        return null;
                    }
                    case Errno.EBADF, Errno.EFAULT, Errno.EINVAL, Errno.ENOTSOCK ->
                        throw Errno.exception(-result, "accepting on " + SocketAddresses.text(local));
                    default -> {} // it died while it waited, or the network did, or a firewall refuses it: the next one
                }
            }
        } finally {
            end();
        }
    }

    private static TcpStream stream(int accepted, Scratch scratch) {
        try {
            SocketAddress remote = SocketAddresses.decode(scratch.address, scratch.length.get(JAVA_INT, 0));
            return new EpollStream(accepted, remote == null ? NAMELESS : remote, true);
        } catch (Throwable t) { // no memory
            FileCalls.close(scratch.errno, accepted);
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
    public <T> TcpListener setOption(SocketOption<T> option, T value) throws IOException {
        set(option, value);
        return this;
    }

    @Override
    public String toString() {
        return (local instanceof InetSocketAddress ? "tcp" : "unix") + " listener " + SocketAddresses.text(local);
    }
}
