package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.internal.Exceptions;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps connections of a {@link TcpClient} open, and lends them: those who ask for an endpoint get them in the order in
 * which they asked, and there are never more than the {@linkplain #builder settings} allow.
 *
 * <p>A pool belongs to one loop, that of its client. {@link #acquire(SocketAddress, ConnectionLease)} is for the loop
 * and makes no garbage; {@link #acquire(SocketAddress, ConnectionHandler)} gives a future and is for any thread. Every
 * request ends exactly once.
 *
 * <p>A connection that dies while it is idle, or on which the peer then speaks, leaves the pool with the event that
 * tells. An attempt to connect that fails ends the wait of the first who waits, with the cause, if no other connection
 * is on its way to him; the next attempt at that endpoint comes after a back-off. Places in the total are given to
 * endpoints in turn; a connection that comes free goes to its own endpoint, unless the first who waits for another one
 * has waited for half of the timeout.
 *
 * <p>O(1), but when the total is reached: to find the longest idle connection of another endpoint looks at each
 * endpoint.
 */
public final class ConnectionPool implements AutoCloseable {
    private static final double GOLDEN_RATIO = 0.6180339887498949;

    final ConnectionPoolBuilder settings;
    private final EventLoop loop;
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    // The turn's, from here on.
    final Map<SocketAddress, PoolEndpoint> endpoints = new HashMap<>();
    final Set<PooledConnection> all = new LinkedHashSet<>(); // those that have left, until their end is told, too
    final PoolCounts counts = new PoolCounts();
    private final PoolPlaces places;
    private final PoolGrants grants;
    private boolean closing;
    private boolean cutOff;
    private @Nullable Timer closeTimer;

    ConnectionPool(ConnectionPoolBuilder settings) {
        this.settings = settings;
        this.loop = settings.client.loops().get(0);
        this.places = new PoolPlaces(this);
        this.grants = new PoolGrants(this);
    }

    /**
     * Starts to make a pool.
     *
     * @param client connects, with its options; has one loop; stays the caller's
     */
    public static ConnectionPoolBuilder builder(TcpClient client) {
        return new ConnectionPoolBuilder(client);
    }

    /** The loop that it belongs to. Any thread. */
    public EventLoop loop() {
        return loop;
    }

    // ---- requests

    /**
     * Takes an idle connection, or has the lease told when there is one. In the loop only.
     *
     * @param endpoint as for {@link TcpClient#connect(SocketAddress, ConnectionHandler)}
     * @return true if the lease holds a connection already: then it is not called
     * @throws IllegalStateException if this is not the loop, or the lease waits or holds a connection already
     * @throws RejectedExecutionException if too many wait, or the pool or the loop is closed
     */
    public boolean acquire(SocketAddress endpoint, ConnectionLease lease) {
        requireInLoop();
        Objects.requireNonNull(endpoint, "endpoint");
        if (lease.isWaiting() || lease.isHeld()) {
            throw new IllegalStateException("lease: " + (lease.isHeld() ? "holds a connection" : "waits") + " already");
        }
        if (closing || loop.isClosed()) {
            throw new RejectedExecutionException(closing ? "the pool is closed" : "the loop is closed");
        }
        PoolEndpoint from = endpoint(endpoint);
        PooledConnection found = from.firstWaiter == null ? from.nextIdle() : null;
        if (found != null && !found.needsCheck()) {
            lease.of(this);
            grants.lend(found, lease, 0);
            return true;
        }
        if (counts.pending == settings.maxWaiters) {
            counts.refused++;
            forgetIfUnused(from);
            throw new RejectedExecutionException(counts.pending + " wait for connections already, which is the limit");
        }
        endpoints.putIfAbsent(endpoint, from); // to look for an idle one may have had it forgotten
        lease.of(this);
        from.link(lease);
        grants.soon(from);
        serve(from);
        return false;
    }

    /**
     * Takes a connection as soon as there is one. Any thread; the future ends in the loop, and to cancel it gives up
     * the wait.
     *
     * @param handler hears the connection while it is leased; its {@link ConnectionHandler#onOpen} is not called
     * @return the lease, which its holder must release; or what {@link ConnectionLease#onFailed} tells
     * @throws RejectedExecutionException if the loop is closed
     */
    public CompletableFuture<ConnectionLease> acquire(SocketAddress endpoint, ConnectionHandler handler) {
        Objects.requireNonNull(endpoint, "endpoint");
        FutureLease lease = new FutureLease(this, handler);
        if (loop.inLoop()) {
            lease.begin(endpoint);
        } else {
            loop.execute(() -> lease.begin(endpoint));
        }
        return lease.future;
    }

    /**
     * Connects to an endpoint before anybody asks, and from now on keeps {@link ConnectionPoolBuilder#minIdle}
     * connections to it idle. Any thread.
     *
     * @return completed in the loop when they are there, or failed when an attempt has; it goes on trying all the same
     * @throws RejectedExecutionException if the loop is closed
     */
    public CompletableFuture<@Nullable Void> warmUp(SocketAddress endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
        loop.execute(() -> {
            if (closing) {
                told.completeExceptionally(new RejectedExecutionException("the pool is closed"));
                return;
            }
            PoolEndpoint warmed = endpoint(endpoint);
            warmed.warmUp(told);
            serve(warmed);
        });
        return told;
    }

    /** Ends what {@link #warmUp} began: idle connections go when their time comes. Any thread. */
    public void coolDown(SocketAddress endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        loop.execute(() -> {
            PoolEndpoint known = endpoints.get(endpoint);
            if (known != null) {
                known.warm = false;
                known.failWarming(new RejectedExecutionException("cooled down"));
                forgetIfUnused(known);
            }
        });
    }

    // ---- in the turn

    private void requireInLoop() {
        if (!loop.inLoop()) {
            throw new IllegalStateException("must be called in the loop " + loop);
        }
    }

    long now() {
        return loop.nanoTime();
    }

    boolean isClosing() {
        return closing;
    }

    private PoolEndpoint endpoint(SocketAddress address) {
        PoolEndpoint known = endpoints.get(address);
        if (known == null) {
            known = new PoolEndpoint(this, address);
            endpoints.put(address, known);
        }
        return known;
    }

    void forgetIfUnused(PoolEndpoint endpoint) {
        if (endpoint.isUnused() && endpoints.remove(endpoint.address, endpoint)) {
            endpoint.forget();
        }
    }

    /**
     * Spreads the ends of connections evenly, whatever their number: multiples of the golden ratio (Weyl's sequence).
     */
    long lifetimeEndNanos() {
        double position = settings.jitterStart + counts.created * GOLDEN_RATIO;
        double share = settings.jitter * (position - Math.floor(position));
        return now() + (long) (settings.lifetimeNanos * (1 - share));
    }

    void giveBack(ConnectionLease lease, boolean reuse) {
        PooledConnection held = lease.held;
        if (held == null) {
            counts.strayReleases++;
        } else {
            held.giveBack(reuse);
        }
    }

    void cancel(ConnectionLease lease) {
        requireInLoop();
        PoolEndpoint from = Objects.requireNonNull(lease.endpoint);
        from.unlink(lease);
        forgetIfUnused(from);
    }

    /** A connection has come free. */
    void settled(PoolEndpoint endpoint) {
        endpoint.lookWhetherWarm();
        grants.soon(endpoint);
        places.lookAgain();
    }

    /** Ends a wait. */
    void fail(ConnectionLease waiter, Throwable why) {
        Objects.requireNonNull(waiter.endpoint).unlink(waiter);
        try {
            waiter.onFailed(why);
        } catch (Throwable t) {
            report(t);
        }
    }

    void report(Throwable thrown) {
        try {
            loop.execute(new HandlerFailure(toString(), thrown));
        } catch (RejectedExecutionException e) {
            Exceptions.rethrow(thrown);
        }
    }

    void tellLeak(Connection connection, Throwable place) {
        counts.leaks++;
        BiConsumer<Connection, Throwable> listener = settings.leakListener;
        if (listener != null) {
            try {
                listener.accept(connection, place);
            } catch (Throwable t) {
                report(t);
            }
        }
    }

    /** Makes connections for an endpoint, as far as it lacks some and there are places. */
    void serve(PoolEndpoint endpoint) {
        places.serve(endpoint);
    }

    // ---- ending

    /** The end of a connection, or of an attempt, has been told. */
    void ended(PooledConnection connection) {
        all.remove(connection);
        if (closing && all.isEmpty()) {
            if (closeTimer != null) {
                closeTimer.cancel();
            }
            closed.complete(!cutOff);
        }
    }

    /** Told by the timer of each endpoint for which somebody waits. */
    void loopClosed() {
        failAll(new RejectedExecutionException("the loop is closed"));
    }

    private void failAll(Throwable why) {
        closing = true;
        for (PoolEndpoint each : List.copyOf(endpoints.values())) {
            each.failWarming(why);
            for (ConnectionLease waiter; (waiter = each.firstWaiter) != null; ) {
                fail(waiter, why);
            }
        }
    }

    /**
     * Lends no more: fails those who wait, closes what is idle, and waits until what is lent comes back; what has not
     * come back at the deadline is aborted. A second call changes nothing. Any thread.
     *
     * @param deadline how long it may take
     * @return completed when all connections have ended: true if they went by themselves, false if the deadline cut
     *     some off
     */
    public CompletableFuture<Boolean> close(Duration deadline) {
        long nanos = Arguments.nanos(deadline, "deadline");
        try {
            if (loop.inLoop()) {
                closeInLoop(nanos);
            } else {
                loop.execute(() -> closeInLoop(nanos));
            }
        } catch (RejectedExecutionException e) {
            closed.complete(true); // the loop is closed, and has ended all of them
        }
        return closed.copy();
    }

    private void closeInLoop(long deadlineNanos) {
        if (closing) {
            if (all.isEmpty()) {
                closed.complete(!cutOff);
            }
            return;
        }
        failAll(new RejectedExecutionException("the pool is closed"));
        for (PooledConnection each : List.copyOf(all)) {
            switch (each.state()) {
                case CONNECTING -> Objects.requireNonNull(each.attempt).cancel(false);
                case IDLE, CHECKING -> each.retireAndClose(EvictionCause.POOL_CLOSED);
                case LEASED, RETURNING, GONE -> {}
            }
        }
        for (PoolEndpoint each : List.copyOf(endpoints.values())) {
            each.warm = false;
            each.forget();
            forgetIfUnused(each);
        }
        if (all.isEmpty()) {
            closed.complete(true);
            return;
        }
        closeTimer = loop.schedule(Duration.ofNanos(deadlineNanos), this::cutOff);
    }

    private void cutOff() {
        cutOff = true;
        for (PooledConnection each : List.copyOf(all)) {
            each.connection().abort();
        }
    }

    /** Closes now, as {@link #close(Duration)} does with no time left, and waits for nothing. Any thread. */
    @Override
    public void close() {
        CompletableFuture<?> unused = close(Duration.ZERO);
    }

    /**
     * The numbers of now. In the loop only: elsewhere, {@code CompletableFuture.supplyAsync(pool::stats, pool.loop())}.
     */
    public PoolStats stats() {
        requireInLoop();
        return counts.stats(places.connectFailures);
    }

    @Override
    public String toString() {
        return "connection pool on " + loop;
    }
}
