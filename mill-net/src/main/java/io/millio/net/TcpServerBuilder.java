package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.internal.Arguments;
import io.millio.limit.KeyedRateLimiter;
import io.millio.limit.RateLimit;
import io.millio.limit.RateLimiter;
import io.millio.net.tls.TlsContext;
import io.millio.net.wire.AddressRange;
import io.millio.transport.TcpListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TcpServer}: each has a default, and is checked when it is given. One thread at a time. */
public final class TcpServerBuilder {
    private static final Set<SocketOption<Boolean>> SHARED_PORT = Set.of(StandardSocketOptions.SO_REUSEPORT);

    private @Nullable SocketAddress address;
    private @Nullable Supplier<? extends ConnectionHandler> handlers;
    private List<EventLoop> loops = List.of();
    private int ownLoops = 1;
    private ConnectionOptions options = ConnectionOptions.DEFAULT;
    private int backlog = EventLoop.DEFAULT_BACKLOG;
    private int maxConnections = Integer.MAX_VALUE;
    private int maxConnectionsPerAddress = Integer.MAX_VALUE;
    private @Nullable RateLimit acceptLimit;
    private @Nullable KeyedRateLimiter<InetAddress> acceptLimitPerAddress;
    private ByteLimits byteLimits = ByteLimits.NONE;
    private boolean reusePort;
    private @Nullable TlsContext tls;
    private @Nullable List<AddressRange> proxies;
    private @Nullable RefusalListener refusals;

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
        return handlers(() -> handler);
    }

    /** A handler for each connection; called in the loop that accepts. */
    public TcpServerBuilder handlers(Supplier<? extends ConnectionHandler> handlers) {
        this.handlers = Objects.requireNonNull(handlers, "handlers");
        return this;
    }

    /** Runs on a loop of the caller's, who drives and closes it. */
    public TcpServerBuilder loop(EventLoop loop) {
        loops = List.of(loop);
        return this;
    }

    /** Runs on the loops of a group of the caller's, who drives and closes them. */
    public TcpServerBuilder loops(EventLoopGroup group) {
        loops = group.loops();
        return this;
    }

    /** Runs on so many loops of the server's own, at least 1, with a thread each. The default, with 1. */
    public TcpServerBuilder ownLoops(int count) {
        ownLoops = Arguments.atLeast(1, count, "ownLoops");
        loops = List.of();
        return this;
    }

    /** Limits and timeouts of the connections. */
    public TcpServerBuilder options(ConnectionOptions options) {
        this.options = Objects.requireNonNull(options, "options");
        return this;
    }

    /** How many connections may wait to be accepted, at least 1; the system may cap it. Default 4,096. */
    public TcpServerBuilder backlog(int backlog) {
        this.backlog = Arguments.atLeast(1, backlog, "backlog");
        return this;
    }

    /**
     * How many connections there are at most, at least 1; others wait in the backlog until one has gone. Default no
     * limit.
     */
    public TcpServerBuilder maxConnections(int max) {
        maxConnections = Arguments.atLeast(1, max, "maxConnections");
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
     * PROXY protocol this is not applied: all come from the proxies.
     */
    public TcpServerBuilder acceptLimitPerAddress(KeyedRateLimiter<InetAddress> limiter) {
        acceptLimitPerAddress = Objects.requireNonNull(limiter, "limiter");
        return this;
    }

    /**
     * How many bytes all connections together read, one permit each; they take turns. The limit stays the caller's, who
     * may change its rate at any time, or share it; its burst should be worth two hundredths of a second at least, and
     * its clock should be the loop's. A connection may have a limit of its own besides:
     * {@link ConnectionOptions#withReadRate}. Default no limit.
     */
    public TcpServerBuilder readLimit(RateLimiter limiter) {
        byteLimits = new ByteLimits(Objects.requireNonNull(limiter, "limiter"), byteLimits.writing());
        return this;
    }

    /** How many bytes all connections together write; otherwise as {@link #readLimit}. */
    public TcpServerBuilder writeLimit(RateLimiter limiter) {
        byteLimits = new ByteLimits(byteLimits.reading(), Objects.requireNonNull(limiter, "limiter"));
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
     * any: {@link Connection#remoteAddress} is the client's then, and limits per address go by it. Without a header, or
     * from any other address, a connection is closed with {@link CloseCause#PROXY_HEADER}.
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
     * Called for connections that end before they open, in the handshake mostly. Default: a line in the log, at most
     * one a second.
     */
    public TcpServerBuilder refusals(RefusalListener listener) {
        refusals = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Starts a server: it listens when this returns.
     *
     * @throws IllegalStateException if address or handler are missing
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws java.net.UnknownHostException if the host is unknown
     * @throws RejectedExecutionException if a loop is closed
     * @throws IOException if the system refuses otherwise; then nothing is left open
     */
    public TcpServer start() throws IOException {
        if (address == null || handlers == null) {
            throw new IllegalStateException((address == null ? "address" : "handler") + ": missing");
        }
        EventLoopGroup own = loops.isEmpty() ? EventLoop.builder().direct().buildGroup(ownLoops) : null;
        List<EventLoop> on = own == null ? loops : own.loops();
        List<TcpListener> listeners = new ArrayList<>();
        boolean started = false;
        try {
            listen(on, address, listeners);
            TcpServer server = new TcpServer(
                    on,
                    own,
                    handlers,
                    options,
                    new SetupOptions(tls, proxies, refusals),
                    new ConnectionQuota(maxConnections, maxConnectionsPerAddress),
                    new AcceptLimits(acceptLimit, acceptLimitPerAddress),
                    byteLimits,
                    listeners.size() > 1);
            server.start(listeners);
            started = true;
            return server;
        } finally {
            if (!started) {
                for (TcpListener listener : listeners) {
                    listener.close();
                }
                if (own != null) {
                    own.close();
                }
            }
        }
    }

    private void listen(List<EventLoop> on, SocketAddress at, List<TcpListener> into) throws IOException {
        if (!reusePort || on.size() == 1) {
            into.add(on.get(0).openListener(at, backlog));
            return;
        }
        try {
            into.add(on.get(0).openListener(at, backlog, SHARED_PORT));
        } catch (UnsupportedOperationException e) {
            into.add(on.get(0).openListener(at, backlog)); // one for all, then
            return;
        }
        SocketAddress bound = into.get(0).localAddress();
        for (int i = 1; i < on.size(); i++) {
            into.add(on.get(i).openListener(bound, backlog, SHARED_PORT));
        }
    }
}
