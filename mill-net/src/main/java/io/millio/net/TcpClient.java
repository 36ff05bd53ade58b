package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.internal.Arguments;
import io.millio.net.proxy.ProxyHeader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connects over TCP or to a Unix-domain socket. Made by a {@linkplain #builder() builder}; one client may make any
 * number of connections. Every method is for any thread.
 */
public final class TcpClient implements AutoCloseable {
    private final List<ConnectionGroup> groups = new ArrayList<>();
    private final AtomicInteger rotation = new AtomicInteger();
    private final @Nullable EventLoopGroup ownLoops;
    private final Resolver resolver;
    private final @Nullable NameResolver ownResolver;
    private final PendingConnect.Sockets sockets;
    private final Duration connectTimeout;

    TcpClient(TcpClientBuilder from, List<EventLoop> loops, @Nullable EventLoopGroup ownLoops) {
        this.ownLoops = ownLoops;
        Resolver given = from.resolver != null ? from.resolver : loops.get(0).resolver();
        this.ownResolver = given == null ? NameResolver.create() : null;
        this.resolver = Objects.requireNonNullElse(given, ownResolver);
        this.sockets = new PendingConnect.Sockets(from.localAddress, from.sockets);
        this.connectTimeout = from.connectTimeout;
        for (EventLoop loop : loops) {
            groups.add(new ConnectionGroup(
                    loop, from.options, from.setup, null, from.readLimit, from.writeLimit, null, from.memory));
        }
    }

    /** Settings to make a client from. */
    public static TcpClientBuilder builder() {
        return new TcpClientBuilder();
    }

    /** A client with the defaults of {@link TcpClientBuilder}. */
    public static TcpClient create() {
        return builder().build();
    }

    /**
     * Connects to an address. Cancelling the future ends the attempt.
     *
     * @param remote an internet address (an unresolved one is looked up), or a {@link java.net.UnixDomainSocketAddress}
     * @param handler its {@link ConnectionHandler#onOpen} runs before the future is completed; without a connection
     *     nothing of it runs
     * @return the connection, or why there is none: a {@link java.net.ConnectException} when refused, a
     *     {@link java.net.SocketTimeoutException}, a {@link java.net.UnknownHostException}, a
     *     {@link ConnectionException} whose cause says what failed in the TLS handshake; completed in the loop
     */
    public CompletableFuture<Connection> connect(SocketAddress remote, ConnectionHandler handler) {
        Objects.requireNonNull(remote, "remote");
        if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
            return connect(inet.getHostString(), inet.getPort(), handler);
        }
        return start(remote, handler);
    }

    /**
     * Looks up a name and connects to its addresses in turn, the families alternating: the next attempt starts when the
     * one before has failed or has not been answered for 250 ms, and the first to connect is taken (RFC 8305, "Happy
     * Eyeballs"). The connect timeout covers the look-up and all attempts. If all fail, the future has the last failure
     * with the others suppressed. Otherwise as {@link #connect(SocketAddress, ConnectionHandler)}.
     *
     * @param port 0 to 65535
     */
    public CompletableFuture<Connection> connect(String host, int port, ConnectionHandler handler) {
        Objects.requireNonNull(host, "host");
        Arguments.between(0, port, 65535, "port");
        return start(InetSocketAddress.createUnresolved(host, port), handler);
    }

    /**
     * Connects on a loop of this client's, for instance that of another connection to which the bytes go on. Otherwise
     * as {@link #connect(SocketAddress, ConnectionHandler)}. O(loops).
     *
     * @throws IllegalArgumentException if the loop is not one of {@link #loops}
     */
    public CompletableFuture<Connection> connect(SocketAddress remote, EventLoop loop, ConnectionHandler handler) {
        return start(remote, groupOf(loop), null, handler);
    }

    /**
     * Connects and begins with a header of the PROXY protocol, ahead of TLS if there is any: for a proxy, that of the
     * client whose bytes it passes on. Otherwise as {@link #connect(SocketAddress, EventLoop, ConnectionHandler)}.
     */
    public CompletableFuture<Connection> connect(
            SocketAddress remote, EventLoop loop, ProxyHeader header, ConnectionHandler handler) {
        return start(remote, groupOf(loop), Objects.requireNonNull(header, "header"), handler);
    }

    private ConnectionGroup groupOf(EventLoop loop) {
        for (ConnectionGroup each : groups) {
            if (each.net.loop == loop) {
                return each;
            }
        }
        throw new IllegalArgumentException("loop: " + loop + ", must be one of the client's: " + loops());
    }

    private CompletableFuture<Connection> start(SocketAddress remote, ConnectionHandler handler) {
        return start(remote, ConnectionGroup.least(groups, rotation), null, handler);
    }

    private CompletableFuture<Connection> start(
            SocketAddress remote, ConnectionGroup on, @Nullable ProxyHeader header, ConnectionHandler handler) {
        Objects.requireNonNull(remote, "remote");
        StreamConnection connection = on.newConnection(Objects.requireNonNull(handler, "handler"));
        connection.proxyHeader = header;
        boolean begun = false;
        try {
            PendingConnect attempt = new PendingConnect(connection, remote, sockets, connectTimeout);
            attempt.start(resolver);
            begun = true;
            return attempt.result;
        } finally {
            if (!begun) {
                on.left(connection);
            }
        }
    }

    /** What {@link TcpClientBuilder#readLimit} has let through and held back. */
    public LimitStats readLimitStats() {
        return ConnectionGroup.stats(groups, each -> each.reading);
    }

    /** What {@link TcpClientBuilder#writeLimit} has let through and held back. */
    public LimitStats writeLimitStats() {
        return ConnectionGroup.stats(groups, each -> each.writing);
    }

    /** The loops that its connections are on. */
    public List<EventLoop> loops() {
        return groups.stream().map(each -> each.net.loop).toList();
    }

    /** Closes the loop and the resolver that this client has made, at once; those of the caller's stay as they are. */
    @Override
    public void close() {
        if (ownResolver != null) {
            ownResolver.close();
        }
        if (ownLoops != null) {
            ownLoops.close();
        }
    }
}
