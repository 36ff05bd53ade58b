package io.millio.transport.nio;

import io.millio.internal.Addresses;
import io.millio.internal.Arguments;
import io.millio.internal.UnixSocketFile;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Channels and selectors. Stateless; any thread. */
final class NioTransport implements Transport {
    static final String NAME = "nio";
    static final NioTransport INSTANCE = new NioTransport();

    // On Windows SO_REUSEADDR would let another process take a port that is in use; there a restart needs no option.
    private static final boolean REUSE_ADDRESS =
            !System.getProperty("os.name", "").startsWith("Windows");

    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private NioTransport() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.RAW_CHANNELS, Capability.VIRTUAL_THREADS);
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        Arguments.atLeast(1, eventCapacity, "eventCapacity");
        Objects.requireNonNull(nanoClock, "nanoClock");
        rehearse();
        return new NioPoller(eventCapacity, nanoClock);
    }

    /**
     * On Java 17 the class by which the platform writes and closes opens descriptors when it is first used. If there
     * are none then, it is broken for good: so it is used now.
     */
    private static void rehearse() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.sink().close();
        pipe.source().close();
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        Objects.requireNonNull(settings, "settings");
        Arguments.atLeast(1, backlog, "backlog");
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return listen(Addresses.resolved(address, "address"), backlog, settings);
        }
        return UnixSocketFile.openOverStale(unix, () -> listen(unix, backlog, settings));
    }

    private static TcpListener listen(SocketAddress at, int backlog, SocketSettings settings) throws IOException {
        Path path = at instanceof UnixDomainSocketAddress unix ? unix.getPath() : null;
        ServerSocketChannel channel =
                path == null ? ServerSocketChannel.open() : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            if (REUSE_ADDRESS && path == null) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            set(channel, settings);
            channel.bind(at, backlog);
            if (path != null
                    && FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(path, OWNER_ONLY);
            }
            return new NioTcpListener(channel, path == null ? null : UnixSocketFile.at(path));
        } catch (IOException | RuntimeException e) {
            throw NioErrors.closing(channel, e, "listening on " + Addresses.text(at));
        }
    }

    private static void set(NetworkChannel channel, SocketSettings settings) throws IOException {
        for (SocketOption<?> option : settings.options()) {
            set(channel, option, settings);
        }
    }

    private static <T> void set(NetworkChannel channel, SocketOption<T> option, SocketSettings from)
            throws IOException {
        channel.setOption(option, Objects.requireNonNull(from.get(option)));
    }

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        Objects.requireNonNull(settings, "settings");
        boolean unix = remote instanceof UnixDomainSocketAddress;
        SocketAddress to = unix ? remote : Addresses.resolved(remote, "remote");
        InetSocketAddress from = Addresses.localFor(to, local);
        SocketChannel channel = unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.configureBlocking(false);
            if (!unix) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            set(channel, settings);
            if (from != null) {
                channel.bind(from);
            }
            channel.connect(to); // if it ends at once, the stream is writable at once: one path for both
            return new NioTcpStream(channel, to);
        } catch (IOException | RuntimeException e) {
            String what = "connecting to " + Addresses.text(to) + (from == null ? "" : " from " + Addresses.text(from));
            throw unix ? NioErrors.closingUnix(channel, e, what) : NioErrors.closing(channel, e, what);
        }
    }

    private static DatagramChannel open(ProtocolFamily family, InetSocketAddress at) throws IOException {
        try {
            return DatagramChannel.open(family);
        } catch (UnsupportedOperationException e) {
            throw NioErrors.withoutFamily(e, "opening a datagram socket on " + Addresses.text(at));
        }
    }

    @Override
    public UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        InetSocketAddress at = Addresses.resolved(local, "local");
        Objects.requireNonNull(settings, "settings");
        // Of the family of its address, not of both: multicast needs that.
        ProtocolFamily family =
                at.getAddress() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        DatagramChannel channel = open(family, at);
        try {
            channel.configureBlocking(false);
            set(channel, settings);
            channel.bind(at);
            return new NioUdpSocket(channel);
        } catch (IOException | RuntimeException e) {
            throw NioErrors.closing(channel, e, "opening a datagram socket on " + Addresses.text(at));
        }
    }
}
