package io.millio.http;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.limit.KeyedRateLimiter;
import io.millio.limit.RateLimit;
import io.millio.limit.RateLimiter;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link HttpServer}: each has a default, and is checked when it is given. One thread at a time. */
public final class HttpServerBuilder {
    private final TcpServerBuilder server = TcpServer.builder();
    private @Nullable HttpHandler handler;
    private HttpOptions options = HttpOptions.DEFAULT;
    private ConnectionOptions connections = ConnectionOptions.DEFAULT;

    HttpServerBuilder() {}

    /** Where to listen: an internet address (port 0: any free one), or a {@link java.net.UnixDomainSocketAddress}. */
    public HttpServerBuilder address(SocketAddress address) {
        server.address(address);
        return this;
    }

    /**
     * Where to listen, by host name or address.
     *
     * @param port 0 to 65535; 0: any free one
     */
    public HttpServerBuilder address(String host, int port) {
        server.address(host, port);
        return this;
    }

    /** Answers the requests. */
    public HttpServerBuilder handler(HttpHandler handler) {
        this.handler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /** Limits and timeouts. */
    public HttpServerBuilder options(HttpOptions options) {
        this.options = Objects.requireNonNull(options, "options");
        return this;
    }

    /** Limits of the connections below; their idle timeouts, if given, hold beside those of the {@link #options}. */
    public HttpServerBuilder connectionOptions(ConnectionOptions options) {
        this.connections = Objects.requireNonNull(options, "options");
        return this;
    }

    /** Runs on a loop of the caller's, who drives and closes it. */
    public HttpServerBuilder loop(EventLoop loop) {
        server.loop(loop);
        return this;
    }

    /** Runs on the loops of a group of the caller's, who drives and closes them. */
    public HttpServerBuilder loops(EventLoopGroup group) {
        server.loops(group);
        return this;
    }

    /** Runs on so many loops of the server's own, at least 1, with a thread each. The default, with 1. */
    public HttpServerBuilder ownLoops(int count) {
        server.ownLoops(count);
        return this;
    }

    /** How many connections there are at most, at least 1; others wait in the backlog. Default no limit. */
    public HttpServerBuilder maxConnections(int max) {
        server.maxConnections(max);
        return this;
    }

    /** How many connections there are at most from one address, at least 1; others are reset. Default no limit. */
    public HttpServerBuilder maxConnectionsPerAddress(int max) {
        server.maxConnectionsPerAddress(max);
        return this;
    }

    /** How many connections may wait to be accepted: as {@link TcpServerBuilder#backlog}. */
    public HttpServerBuilder backlog(int backlog) {
        server.backlog(backlog);
        return this;
    }

    /** Gives each loop a listener of its own: as {@link TcpServerBuilder#reusePort}. */
    public HttpServerBuilder reusePort(boolean reusePort) {
        server.reusePort(reusePort);
        return this;
    }

    /** How fast connections are accepted: as {@link TcpServerBuilder#acceptLimit}. */
    public HttpServerBuilder acceptLimit(RateLimit limit) {
        server.acceptLimit(limit);
        return this;
    }

    /** How fast connections are accepted from one address: as {@link TcpServerBuilder#acceptLimitPerAddress}. */
    public HttpServerBuilder acceptLimitPerAddress(KeyedRateLimiter<InetAddress> limiter) {
        server.acceptLimitPerAddress(limiter);
        return this;
    }

    /** How many bits of an IPv6 address the limits per address go by: as {@link TcpServerBuilder#ipv6PrefixLength}. */
    public HttpServerBuilder ipv6PrefixLength(int bits) {
        server.ipv6PrefixLength(bits);
        return this;
    }

    /** How many bytes all connections together read: as {@link TcpServerBuilder#readLimit}. */
    public HttpServerBuilder readLimit(RateLimiter limiter) {
        server.readLimit(limiter);
        return this;
    }

    /** How many bytes all connections together write: as {@link TcpServerBuilder#writeLimit}. */
    public HttpServerBuilder writeLimit(RateLimiter limiter) {
        server.writeLimit(limiter);
        return this;
    }

    /** How much memory the connections may use: as {@link TcpServerBuilder#memoryBudget}. */
    public HttpServerBuilder memoryBudget(MemoryBudget budget) {
        server.memoryBudget(budget);
        return this;
    }

    /** Called for connections that end before they open: as {@link TcpServerBuilder#refusals}. */
    public HttpServerBuilder refusals(io.millio.net.RefusalListener listener) {
        server.refusals(listener);
        return this;
    }

    /** Encrypts every connection. */
    public HttpServerBuilder tls(TlsContext context) {
        server.tls(context);
        return this;
    }

    /**
     * Expects the PROXY protocol, from these addresses only.
     *
     * @param trusted as in {@link TcpServerBuilder#proxyProtocol}
     */
    public HttpServerBuilder proxyProtocol(String... trusted) {
        server.proxyProtocol(trusted);
        return this;
    }

    /**
     * Starts a server: it listens when this returns.
     *
     * @throws IllegalStateException if address or handler are missing
     * @throws IOException as {@link TcpServerBuilder#start} does
     */
    public HttpServer start() throws IOException {
        if (handler == null) {
            throw new IllegalStateException("handler: missing");
        }
        HttpHandler answers = handler;
        HttpOptions limits = options;
        ConnectionOptions below = connections;
        if (below.maxUnreadBytes() < limits.maxHeadBytes()) {
            below = below.withMaxUnreadBytes(limits.maxHeadBytes());
        }
        ConcurrentHashMap<EventLoop, HttpLoop> loops = new ConcurrentHashMap<>();
        return new HttpServer(server.options(below)
                .handlers(connection -> new HttpConnection(
                        loop -> loops.computeIfAbsent(loop, each -> new HttpLoop(each, limits, answers))))
                .start());
    }
}
