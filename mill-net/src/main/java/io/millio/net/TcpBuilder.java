package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.limit.RateLimiter;
import io.millio.net.memory.MemoryBudget;
import io.millio.transport.SocketSettings;
import java.net.SocketOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The settings that servers and clients have in common. One thread at a time. */
abstract class TcpBuilder<B extends TcpBuilder<B>> {
    List<EventLoop> loops = List.of();
    SocketSettings sockets = SocketSettings.NONE;
    ConnectionOptions options = ConnectionOptions.DEFAULT;

    @Nullable
    RateLimiter readLimit;

    @Nullable
    RateLimiter writeLimit;

    @Nullable
    MemoryBudget memory;

    TcpBuilder() {}

    /** Runs on a loop of the caller's, who drives and closes it. Default: loops of its own, with a thread each. */
    public B loop(EventLoop loop) {
        loops = List.of(loop);
        return self();
    }

    /** Runs on the loops of a group of the caller's, who drives and closes them. */
    public B loops(EventLoopGroup group) {
        loops = group.loops();
        return self();
    }

    /**
     * Sets an option of the sockets before they connect, or, of a server, of its listeners before they are bound; which
     * the connections that it accepts inherit as far as the system lets them. Whether sockets have the option and take
     * the value is found when the first one is opened: {@link TcpServerBuilder#start} or {@link TcpClient#connect} fail
     * then. Call again for more options. Default {@code TCP_NODELAY} on.
     */
    public <T> B socketOption(SocketOption<T> option, T value) {
        sockets = sockets.with(option, value);
        return self();
    }

    /** Limits and timeouts of the connections. */
    public B options(ConnectionOptions options) {
        this.options = Objects.requireNonNull(options, "options");
        return self();
    }

    /**
     * How many bytes all connections together read, one permit each; they take turns. The limit stays the caller's, who
     * may change its rate at any time, or share it; its burst should be worth two hundredths of a second at least, and
     * its clock should be the loop's. A connection may have a limit of its own besides:
     * {@link ConnectionOptions#withReadRate}. Default no limit.
     */
    public B readLimit(RateLimiter limiter) {
        readLimit = Objects.requireNonNull(limiter, "limiter");
        return self();
    }

    /** How many bytes all connections together write; otherwise as {@code readLimit}. */
    public B writeLimit(RateLimiter limiter) {
        writeLimit = Objects.requireNonNull(limiter, "limiter");
        return self();
    }

    /**
     * How much memory the connections may use, together with all others of the same budget. Default: that of the
     * process, {@link MemoryBudget#process}.
     */
    public B memoryBudget(MemoryBudget budget) {
        memory = Objects.requireNonNull(budget, "budget");
        return self();
    }

    @SuppressWarnings("unchecked")
    private B self() {
        return (B) this;
    }
}
