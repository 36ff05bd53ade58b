package io.millio.net;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Timer;
import io.millio.internal.Addresses;
import io.millio.internal.Arguments;
import io.millio.internal.Deadlines;
import io.millio.internal.Exceptions;
import io.millio.internal.LoopFuture;
import io.millio.limit.RateLimit;
import io.millio.net.report.ConnectionTable;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server over TCP or a Unix-domain socket: it accepts connections and spreads them over its loops, each to the one
 * that has the fewest. Made by a {@linkplain #builder() builder}. Every method is for any thread.
 */
public final class TcpServer implements AutoCloseable {
    /** What the server's own loops have left to do when its connections have gone: hardly anything. */
    private static final Duration OWN_LOOPS_END = Duration.ofSeconds(1);

    /** The handler of a connection that has not opened. */
    private static final ConnectionHandler NONE = (connection, bytes) -> {};

    private final List<ConnectionGroup> groups = new ArrayList<>();
    private final List<Acceptor> acceptors = new ArrayList<>();
    private final @Nullable EventLoopGroup ownLoops;
    private final AtomicInteger rotation = new AtomicInteger();

    final ConnectionQuota quota;
    final SetupOptions setup;
    final @Nullable RateLimit acceptLimit;
    final AtomicLong acceptsHeldBack = new AtomicLong();
    final boolean refuseExcess;
    final AtomicLong excessRefused = new AtomicLong();

    // Once, by compare-and-set.
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Boolean> drained;
    private final CompletableFuture<Boolean> ended;

    // Volatile: set when the deadline has come, read when the last connection has gone.
    private volatile boolean cutOff;

    TcpServer(
            TcpServerBuilder from,
            Function<? super Connection, ? extends ConnectionHandler> handlers,
            SetupOptions setup,
            List<EventLoop> loops,
            @Nullable EventLoopGroup ownLoops) {
        this.ownLoops = ownLoops;
        this.drained = new LoopFuture<>(List.copyOf(loops));
        this.ended = ownLoops == null ? drained : afterwards(drained, ownLoops);
        this.quota = new ConnectionQuota(
                ConnectionQuota.process(),
                from.maxConnections,
                from.maxConnectionsPerAddress,
                from.ipv6PrefixLength,
                from.acceptLimitPerAddress);
        this.setup = setup;
        this.acceptLimit = from.acceptLimit;
        this.refuseExcess = from.refuseExcess;
        for (EventLoop loop : loops) {
            groups.add(new ConnectionGroup(
                    loop, from.options, setup, handlers, from.readLimit, from.writeLimit, quota, from.memory));
        }
    }

    /** Shuts down the loops that the server has made, when its connections have gone. */
    private static CompletableFuture<Boolean> afterwards(CompletableFuture<Boolean> drained, EventLoopGroup ownLoops) {
        CompletableFuture<Boolean> ended = new LoopFuture<>(ownLoops.loops());
        CompletableFuture<?> unused = drained.thenCompose(
                        clean -> ownLoops.shutdown(OWN_LOOPS_END).thenAccept(closed -> ended.complete(clean)))
                .exceptionally(failure -> {
                    ended.completeExceptionally(Exceptions.unwrapped(failure));
                    return null;
                });
        return ended;
    }

    /** Settings to start a server from. */
    public static TcpServerBuilder builder() {
        return new TcpServerBuilder();
    }

    /** Begins to accept; the listeners are this server's from here on. */
    void start(@Nullable TcpListener[] listeners) throws IOException {
        for (int i = 0; i < listeners.length; i++) {
            TcpListener listener = listeners[i];
            if (listener != null) { // one for all loops, or one for each
                acceptors.add(new Acceptor(this, listener, groups.get(i)));
            }
        }
        for (Acceptor acceptor : acceptors) {
            acceptor.start();
        }
        if (ownLoops != null) {
            ownLoops.start();
        }
    }

    // ---- connections

    /**
     * Returns a connection that owns the stream and its places. Loop thread of the acceptor only.
     *
     * @param acceptedBy the group of the loop that accepted it
     */
    StreamConnection newConnection(ConnectionGroup acceptedBy, TcpStream peer, boolean addressCounted) {
        ConnectionGroup to = acceptors.size() > 1 ? acceptedBy : ConnectionGroup.least(groups, rotation);
        StreamConnection created = to.newConnection(NONE);
        created.stream = peer;
        created.state = addressCounted ? ConnectionState.ADDRESS_COUNTED : 0;
        return created;
    }

    // ---- the public side

    /** Where it listens: the port that was given for a port 0. */
    public SocketAddress localAddress() {
        return acceptors.get(0).listener().localAddress();
    }

    /** Returns whether {@link #close(Duration)} or {@link #close()} was called. */
    public boolean isClosing() {
        return closing.get();
    }

    /** How many connections it has now. */
    public int connections() {
        return quota.taken();
    }

    /** How many connections were reset by {@link TcpServerBuilder#refuseExcess}. */
    public long excessRefused() {
        return excessRefused.get();
    }

    /** How often it has stopped accepting for want of a permit of {@link TcpServerBuilder#acceptLimit}. */
    public long acceptsHeldBack() {
        return acceptsHeldBack.get();
    }

    /** How many connections were reset because of {@link TcpServerBuilder#acceptLimitPerAddress}. */
    public long acceptsRefused() {
        return quota.refused();
    }

    /** What {@link TcpServerBuilder#readLimit} has let through and held back. */
    public LimitStats readLimitStats() {
        return ConnectionGroup.stats(groups, each -> each.reading);
    }

    /** What {@link TcpServerBuilder#writeLimit} has let through and held back. */
    public LimitStats writeLimitStats() {
        return ConnectionGroup.stats(groups, each -> each.writing);
    }

    /** The loops that its connections are on. */
    public List<EventLoop> loops() {
        return groups.stream().map(each -> each.net.loop).toList();
    }

    /**
     * Describes what this server does now, in lines of text for people: what its loops do, how many connections are in
     * each state, and the 20 with the most bytes queued, the 20 with the most unread, and the 20 oldest. Does not need
     * the loops, which may be stuck. O(registrations of the loops).
     */
    public String dump() {
        StringBuilder text = new StringBuilder(4096);
        text.append(this).append(": ").append(connections()).append(" connections");
        text.append(isClosing() ? ", closing\n" : "\n");
        List<ConnectionTable.Row> rows = new ArrayList<>();
        for (ConnectionGroup group : groups) {
            text.append(group.net.loop.dump());
            group.addRows(rows);
        }
        ConnectionTable.append(text, rows);
        return text.toString();
    }

    /**
     * Drains: accepts no more, calls {@link ConnectionHandler#onDrain} of each connection, waits for them to close, and
     * closes those that are left at the deadline ({@link CloseCause#SERVER_CLOSED}). Loops that the server has made are
     * shut down then. A second call changes nothing. It needs loops that are driven.
     *
     * <p>A loop in which a callback is stuck can close nothing. The future does not wait for it: with the system's
     * clock it completes with false a twentieth of a second after the deadline at the latest, or a second later where
     * the server has made its loops, then on a thread of the platform's that must not be blocked.
     *
     * @param deadline how long it may take
     * @return completed when all have gone: true if they went by themselves, false if the deadline cut some off; or
     *     false soon after the deadline
     */
    public CompletableFuture<Boolean> close(Duration deadline) {
        long nanos = Arguments.nanos(deadline, "deadline");
        CompletableFuture<Boolean> result = ended.copy(); // first, for it allocates
        if (closing.compareAndSet(false, true)) {
            boolean begun = false;
            try {
                beginClose(nanos);
                begun = true;
            } finally {
                if (!begun) {
                    closing.set(false); // every step can be done again, by the next call
                }
            }
        }
        return result;
    }

    private void beginClose(long deadlineNanos) {
        Runnable cutOffAction = this::cutOff;
        Deadlines.bound(drained, deadlineNanos, groups.get(0).net.loop.nanoClock());
        try { // the deadline first: what fails afterwards is cut off by it
            Timer timer = groups.get(0).net.loop.scheduleNanos(deadlineNanos, cutOffAction);
            CompletableFuture<?> unused = drained.whenComplete((clean, failure) -> timer.cancel());
        } catch (RejectedExecutionException e) {
            cutOff(); // the loop is closed, and its connections with it
        }
        for (Acceptor acceptor : acceptors) {
            acceptor.close();
        }
        for (ConnectionGroup group : groups) {
            execute(group, group.drain);
        }
        quota.whenEmpty(() -> drained.complete(!cutOff));
    }

    private void cutOff() {
        cutOff = true;
        for (int i = 0; i < groups.size(); i++) { // without an iterator: it needs no memory
            execute(groups.get(i), groups.get(i).cutOff);
        }
    }

    private static void execute(ConnectionGroup group, Runnable action) {
        try {
            group.net.loop.execute(action);
        } catch (RejectedExecutionException e) {
            // closed, and its connections with it
        }
    }

    /**
     * Closes now, as {@link #close(Duration)} does with no time left, and waits for nothing. A second call does
     * nothing.
     */
    @Override
    public void close() {
        CompletableFuture<?> unused = close(Duration.ZERO);
        if (ownLoops != null) {
            ownLoops.close();
        }
    }

    @Override
    public String toString() {
        return "server on " + Addresses.text(localAddress());
    }
}
