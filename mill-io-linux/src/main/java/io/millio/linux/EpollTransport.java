package io.millio.linux;

import io.millio.internal.Addresses;
import io.millio.internal.Arguments;
import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/** Sockets of the system and epoll. Stateless; any thread. */
final class EpollTransport implements Transport {
    static final String NAME = "epoll";
    static final EpollTransport INSTANCE = new EpollTransport();

    private EpollTransport() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.HANG_UP);
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        Arguments.atLeast(1, eventCapacity, "eventCapacity");
        Objects.requireNonNull(nanoClock, "nanoClock");
        return new EpollPoller(eventCapacity, nanoClock);
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog) throws IOException {
        return openListener(address, backlog, Set.of());
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, Set<SocketOption<Boolean>> switchedOn)
            throws IOException {
        Objects.requireNonNull(switchedOn, "switchedOn");
        Arguments.atLeast(1, backlog, "backlog");
        if (address instanceof UnixDomainSocketAddress unix) {
            if (!switchedOn.isEmpty()) {
                throw new UnsupportedOperationException("switchedOn: a Unix-domain listener has none of " + switchedOn);
            }
            return SocketOpener.listen(unix, backlog);
        }
        return SocketOpener.listen(Addresses.resolved(address, "address"), backlog, switchedOn);
    }

    @Override
    public TcpStream openStream(SocketAddress remote) throws IOException {
        return SocketOpener.connect(
                remote instanceof UnixDomainSocketAddress ? remote : Addresses.resolved(remote, "remote"));
    }

    @Override
    public UdpSocket openUdp(SocketAddress local, Set<SocketOption<Boolean>> switchedOn) throws IOException {
        InetSocketAddress at = Addresses.resolved(local, "local");
        return SocketOpener.bind(at, Objects.requireNonNull(switchedOn, "switchedOn"));
    }
}
