package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Resolver;
import io.millio.internal.Arguments;
import io.millio.limit.RateLimiter;
import io.millio.net.tls.TlsContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link TcpClient}: each has a default, and is checked when it is given. One thread at a time. */
public final class TcpClientBuilder {
    private List<EventLoop> loops = List.of();
    private @Nullable Resolver resolver;
    private Duration connectTimeout = Duration.ofSeconds(30);
    private ConnectionOptions options = ConnectionOptions.DEFAULT;
    private SetupOptions setup = SetupOptions.NONE;
    private ByteLimits byteLimits = ByteLimits.NONE;

    TcpClientBuilder() {}

    /** Runs on a loop of the caller's, who drives and closes it. Default: one of the client's own, with a thread. */
    public TcpClientBuilder loop(EventLoop loop) {
        loops = List.of(loop);
        return this;
    }

    /** Runs on the loops of a group of the caller's, who drives and closes them. */
    public TcpClientBuilder loops(EventLoopGroup group) {
        loops = group.loops();
        return this;
    }

    /** Looks up host names; stays the caller's. Default: one of the client's own. */
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
        setup = new SetupOptions(context, null, null);
        return this;
    }

    /** Limits and timeouts of the connections. */
    public TcpClientBuilder options(ConnectionOptions options) {
        this.options = Objects.requireNonNull(options, "options");
        return this;
    }

    /**
     * How many bytes all connections together read, one permit each; they take turns. The limit stays the caller's, who
     * may change its rate at any time, or share it; its burst should be worth two hundredths of a second at least, and
     * its clock should be the loop's. A connection may have a limit of its own besides:
     * {@link ConnectionOptions#withReadRate}. Default no limit.
     */
    public TcpClientBuilder readLimit(RateLimiter limiter) {
        byteLimits = new ByteLimits(Objects.requireNonNull(limiter, "limiter"), byteLimits.writing());
        return this;
    }

    /** How many bytes all connections together write; otherwise as {@link #readLimit}. */
    public TcpClientBuilder writeLimit(RateLimiter limiter) {
        byteLimits = new ByteLimits(byteLimits.reading(), Objects.requireNonNull(limiter, "limiter"));
        return this;
    }

    /**
     * Makes a client.
     *
     * @throws java.io.UncheckedIOException if the system refuses a poller
     */
    public TcpClient build() {
        EventLoopGroup own = loops.isEmpty() ? EventLoop.builder().direct().buildGroup(1) : null;
        if (own != null) {
            own.start();
        }
        return new TcpClient(
                own == null ? loops : own.loops(), own, resolver, connectTimeout, options, setup, byteLimits);
    }
}
