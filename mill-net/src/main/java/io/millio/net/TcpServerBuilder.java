package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.internal.Arguments;
import io.millio.limit.KeyedRateLimiter;
import io.millio.limit.RateLimit;
import io.millio.net.tls.TlsContext;
import io.millio.net.wire.AddressRange;
import io.millio.net.wire.FrameScan;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TcpServer}: each has a default, and is checked when it is given. One thread at a time. */
public final class TcpServerBuilder extends TcpBuilder<TcpServerBuilder> {
    private @Nullable SocketAddress address;
    private @Nullable Function<? super Connection, ? extends ConnectionHandler> handlers;
    private FrameScan.@Nullable Framed framed;
    private int ownLoops = 1;
    private int backlog = EventLoop.DEFAULT_BACKLOG;
    private boolean reusePort;
    private @Nullable TlsContext tls;
    private @Nullable List<AddressRange> proxies;
    private @Nullable RefusalListener refusals;

    // Read by the server.
    int maxConnections = Integer.MAX_VALUE;
    boolean refuseExcess;
    int maxConnectionsPerAddress = Integer.MAX_VALUE;
    int ipv6PrefixLength = 64;

    @Nullable
    RateLimit acceptLimit;

    @Nullable
    KeyedRateLimiter<InetAddress> acceptLimitPerAddress;

    TcpServerBuilder() {}

    /** Where to listen: an internet address (port 0: any free one), or a {@link java.net.UnixDomainSocketAddress}. */
    public TcpServerBuilder address(SocketAddress address) {
        this.address = Objects.requireNonNull(address, "address");
        return this;
    }

    /**
     * Where to listen, by host name or address.
     *
     * @param port 0 to 65535; 0: any free one
     */
    public TcpServerBuilder address(String host, int port) {
        return address(
                new InetSocketAddress(Objects.requireNonNull(host, "host"), Arguments.between(0, port, 65535, "port")));
    }

    /** One handler for all connections. */
    public TcpServerBuilder handler(ConnectionHandler handler) {
        Objects.requireNonNull(handler, "handler");
        handlers(connection -> handler);
        framed = handler instanceof FrameScan.Framed known ? known : null;
        return this;
    }

    /**
     * Creates a handler for each connection, just before its {@code onOpen}: the connection's addresses and what TLS
     * has agreed on are known by then, so they may decide which. Called in the connection's loop, and not for
     * connections that never open. If it throws, the connection is closed as by a failed callback.
     */
    public TcpServerBuilder handlers(Function<? super Connection, ? extends ConnectionHandler> handlers) {
        this.handlers = Objects.requireNonNull(handlers, "handlers");
        framed = null;
        return this;
    }

    /** Runs on so many loops of the server's own, at least 1, with a thread each. The default, with 1. */
    public TcpServerBuilder ownLoops(int count) {
        ownLoops = Arguments.atLeast(1, count, "ownLoops");
        loops = List.of();
        return this;
    }

    /** How many connections may wait to be accepted, at least 1; the system may cap it. Default 4,096. */
    public TcpServerBuilder backlog(int backlog) {
        this.backlog = Arguments.atLeast(1, backlog, "backlog");
        return this;
    }

    /**
     * How many connections there are at most, at least 1; others wait in the backlog until one has gone, or see
     * {@link #refuseExcess}. Default: as many as the process has free descriptors when its first server starts, less an
     * eighth and 64 at least. All servers without a limit of their own share these, and the connections of those with
     * one count, too. Where that number is not known, as without the module {@code jdk.management}, 10,000.
     */
    public TcpServerBuilder maxConnections(int max) {
        maxConnections = Arguments.atLeast(1, max, "maxConnections");
        return this;
    }

    /**
     * Whether connections beyond {@link #maxConnections} are reset, so that clients know at once and may go elsewhere,
     * in the place of waiting. Default false. {@link TcpServer#excessRefused} counts them.
     */
    public TcpServerBuilder refuseExcess(boolean refuse) {
        refuseExcess = refuse;
        return this;
    }

    /** How many connections there are at most from one address, at least 1; others are reset. Default no limit. */
    public TcpServerBuilder maxConnectionsPerAddress(int max) {
        maxConnectionsPerAddress = Arguments.atLeast(1, max, "maxConnectionsPerAddress");
        return this;
    }

    /**
     * How fast connections are accepted, one permit each; others wait in the backlog. The limit stays the caller's, who
     * may change its rate while the server runs, or share it; its clock should be the loop's. Default no limit.
     */
    public TcpServerBuilder acceptLimit(RateLimit limit) {
        acceptLimit = Objects.requireNonNull(limit, "limit");
        return this;
    }

    /**
     * How fast connections are accepted from one address; others are reset. Otherwise as {@link #acceptLimit}. With the
     * PROXY protocol it goes by the address that the header names.
     *
     * @param limiter its keys for IPv6 are addresses whose bits after {@link #ipv6PrefixLength} are zero
     */
    public TcpServerBuilder acceptLimitPerAddress(KeyedRateLimiter<InetAddress> limiter) {
        acceptLimitPerAddress = Objects.requireNonNull(limiter, "limiter");
        return this;
    }

    /**
     * How many bits of an IPv6 address the limits per address go by, 1 to 128: a client mostly has a whole network to
     * itself. Default 64.
     */
    public TcpServerBuilder ipv6PrefixLength(int bits) {
        ipv6PrefixLength = Arguments.between(1, bits, 128, "ipv6PrefixLength");
        return this;
    }

    /**
     * Gives each loop a listener of its own, so that the system spreads the connections. Where the transport can't, or
     * with a Unix-domain address, one loop accepts for all, as without this.
     */
    public TcpServerBuilder reusePort(boolean reusePort) {
        this.reusePort = reusePort;
        return this;
    }

    /** Encrypts every connection: it opens when the handshake is done. */
    public TcpServerBuilder tls(TlsContext context) {
        if (context.isClient()) {
            throw new IllegalArgumentException("context: " + context + ", must be a server's");
        }
        tls = context;
        return this;
    }

    /**
     * Expects each connection to begin with a header of the PROXY protocol, version 1 or 2, ahead of TLS if there is
     * any: {@link Connection#remoteAddress} is the client's then, and limits per address go by it;
     * {@link Connection#proxyHeader} has the header. Without one, with one that is malformed or longer than
     * {@link io.millio.net.proxy.ProxyHeader#MAX_BYTES}, or from any other address, a connection is closed and reported
     * to {@link #refusals} as {@link RefusalListener.Reason#PROXY_HEADER}.
     *
     * @param trusted the proxies' addresses, at least one, each as {@code 10.1.2.3}, {@code 10.0.0.0/8} or
     *     {@code fd00::/8}; who connects to a Unix-domain socket is trusted
     */
    public TcpServerBuilder proxyProtocol(String... trusted) {
        if (trusted.length == 0) {
            throw new IllegalArgumentException("trusted: none, must be at least one");
        }
        proxies = Arrays.stream(trusted).map(AddressRange::parse).toList();
        return this;
    }

    /**
     * Sets a listener for connections that end before they open, in the handshake mostly. Default: a line in the log,
     * at most one a second, but for those that a limit refused as they were accepted: these are only counted.
     */
    public TcpServerBuilder refusals(RefusalListener listener) {
        refusals = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Starts a server: it listens when this returns.
     *
     * @throws IllegalStateException if address or handler are missing
     * @throws IllegalArgumentException if the handler's frames do not fit into {@link ConnectionOptions#maxUnreadBytes}
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws java.net.UnknownHostException if the host is unknown
     * @throws UnsupportedOperationException if its socket does not have one of the options of {@link #socketOption}
     * @throws RejectedExecutionException if a loop is closed
     * @throws IOException if the system refuses otherwise; then nothing is left open
     */
    public TcpServer start() throws IOException {
        if (address == null || handlers == null) {
            throw new IllegalStateException((address == null ? "address" : "handler") + ": missing");
        }
        if (framed != null) {
            framed.checkFits(options.maxUnreadBytes());
        }
        EventLoopGroup own =
                loops.isEmpty() ? EventLoop.builder().direct().noPollTimeout().buildGroup(ownLoops) : null;
        List<EventLoop> on = own == null ? loops : own.loops();
        @Nullable TcpListener[] listeners = new TcpListener[on.size()]; // an array: keeping one takes no memory
        try {
            listen(on, address, listeners);
            SetupOptions setup = new SetupOptions(tls, proxies, refusals, null);
            TcpServer server = new TcpServer(this, handlers, setup, on, own);
            server.start(listeners);
            return server;
        } catch (Throwable t) {
            for (TcpListener listener : listeners) {
                if (listener != null) {
                    listener.close();
                }
            }
            if (own != null) {
                own.close();
            }
            throw t;
        }
    }

    private void listen(List<EventLoop> on, SocketAddress at, @Nullable TcpListener[] into) throws IOException {
        boolean forEach = reusePort && on.size() > 1;
        SocketSettings shared = sockets.with(StandardSocketOptions.SO_REUSEPORT, true);
        TcpListener first;
        try {
            first = on.get(0).openListener(at, backlog, forEach ? shared : sockets);
        } catch (UnsupportedOperationException e) {
            if (!forEach) {
                throw e;
            }
            forEach = false; // one for all, then
            first = on.get(0).openListener(at, backlog, sockets);
        }
        into[0] = first;
        SocketAddress bound = first.localAddress();
        for (int i = 1; forEach && i < on.size(); i++) {
            into[i] = on.get(i).openListener(bound, backlog, shared);
        }
    }
}
