package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.internal.Arguments;
import io.millio.net.proxy.ProxyHeader;
import io.millio.net.tls.TlsContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TcpClient}: each has a default, and is checked when it is given. One thread at a time. */
public final class TcpClientBuilder extends TcpBuilder<TcpClientBuilder> {
    Duration connectTimeout = Duration.ofSeconds(30);
    SetupOptions setup = SetupOptions.NONE;

    @Nullable
    Resolver resolver;

    @Nullable
    InetSocketAddress localAddress;

    TcpClientBuilder() {}

    /** Looks up host names; stays the caller's. Default: that of the first loop, or else one of the client's own. */
    public TcpClientBuilder resolver(Resolver resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /**
     * How long connecting may take, with the look-up of the name, without a TLS handshake; positive. Default 30
     * seconds.
     */
    public TcpClientBuilder connectTimeout(Duration timeout) {
        Arguments.positiveNanos(timeout, "connectTimeout");
        connectTimeout = timeout;
        return this;
    }

    /**
     * Encrypts every connection: it opens when the handshake is done, and {@link TcpClient#connect} fails when that
     * does.
     */
    public TcpClientBuilder tls(TlsContext context) {
        if (!context.isClient()) {
            throw new IllegalArgumentException("context: " + context + ", must be a client's");
        }
        setup = setup.withTls(context);
        return this;
    }

    /**
     * Begins every connection with a header of the PROXY protocol, ahead of TLS if there is any. A proxy, whose
     * connections are each for another client, passes the header to {@link TcpClient#connect(java.net.SocketAddress,
     * io.millio.EventLoop, ProxyHeader, ConnectionHandler)} instead, which goes before this one.
     *
     * @param header called in the loop when the socket of a connection is connected, so that both of its addresses are
     *     known; if it throws, connecting fails with that. For a client that speaks for itself: {@code connection ->
     *     ProxyHeader.local()}
     */
    public TcpClientBuilder proxyHeader(Function<? super Connection, ProxyHeader> header) {
        setup = setup.withHeader(Objects.requireNonNull(header, "header"));
        return this;
    }

    /**
     * Connects from an address of this machine; port 0, the usual one, takes a free port for each connection. Of a
     * name's addresses only those of its family are tried, and a Unix-domain socket cannot be reached from it. Default:
     * the system chooses.
     */
    public TcpClientBuilder localAddress(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address: unresolved: " + address);
        }
        localAddress = address;
        return this;
    }

    /**
     * Makes a client.
     *
     * @throws java.io.UncheckedIOException if the system refuses a poller
     */
    public TcpClient build() {
        EventLoopGroup own =
                loops.isEmpty() ? EventLoop.builder().direct().noPollTimeout().buildGroup(1) : null;
        if (own != null) {
            own.start();
        }
        return new TcpClient(this, own == null ? loops : own.loops(), own);
    }
}
