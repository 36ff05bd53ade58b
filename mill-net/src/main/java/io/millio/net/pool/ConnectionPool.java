package io.millio.net.pool;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.internal.Deadlines;
import io.millio.internal.Exceptions;
import io.millio.internal.LoopFuture;
import io.millio.internal.Persistently;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.pool.PooledConnection.State;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps connections of a {@link TcpClient} open and leases them. Requests for one endpoint are served in their order,
 * and each endpoint has limits of its own, so that none can use up what another one needs. An endpoint is an address
 * together with its host name: a TLS connection that was verified for one name is never leased for another one.
 *
 * <p>A pool belongs to one loop, that of its client. {@link #acquire(SocketAddress, ConnectionLease)} is for the thread
 * of that loop and makes no garbage; {@link #acquire(SocketAddress, ConnectionHandler)} returns a future and may be
 * called from any thread. Every request completes exactly once.
 *
 * <p>An idle connection that ends, or on which the peer sends something, is evicted by that event. A failed attempt to
 * connect fails the request that has waited longest, unless another connection is on its way, and the next attempt
 * follows after a back-off; if attempts fail repeatedly and no connection is left, all waiting requests fail, with the
 * last cause.
 *
 * <p>Acquiring and releasing are O(1); cancelling a wait is O(waiting requests of the endpoint), and losing an idle
 * connection O(its idle connections).
 */
public final class ConnectionPool implements AutoCloseable {
    private static final double GOLDEN_RATIO = 0.6180339887498949;

    final ConnectionPoolBuilder settings;
    private final EventLoop loop;
    private final CompletableFuture<Boolean> closed;

    // Once, by compare-and-set: the first call of close decides its deadline.
    private final AtomicBoolean bounded = new AtomicBoolean();

    // Turn only, from here on.
    final PoolCounters counters = new PoolCounters();
    private final Map<SocketAddress, List<Endpoint>> endpoints = new HashMap<>(); // by host name in a list
    private final Set<PooledConnection> connections = new LinkedHashSet<>(); // until their onClose
    private boolean closing;
    private boolean closeBegun;
    private boolean deadlineMissed;
    private @Nullable Timer closeTimer;

    ConnectionPool(ConnectionPoolBuilder settings) {
        this.settings = settings;
        this.loop = settings.client.loops().get(0);
        this.closed = new LoopFuture<>(loop);
    }

    /**
     * Returns the settings of a new pool.
     *
     * @param client connects, with its options; has one loop; stays the caller's to close
     */
    public static ConnectionPoolBuilder builder(TcpClient client) {
        return new ConnectionPoolBuilder(client);
    }

    /** Returns the loop of the pool. Any thread. */
    public EventLoop loop() {
        return loop;
    }

    // ---- requests

    /**
     * Acquires a connection for a lease: an idle one at once, otherwise {@link ConnectionLease#onAcquired} or
     * {@link ConnectionLease#onFailed} is called later. Loop thread only.
     *
     * @param endpoint as for {@link TcpClient#connect(SocketAddress, ConnectionHandler)}; allocation-free if it is the
     *     same object each time
     * @return true if the lease holds a connection now; then it is not called
     * @throws IllegalStateException if this is not the loop's thread, or the lease waits or holds a connection already
     * @throws RejectedExecutionException if too many requests wait, or the pool or the loop is closed
     */
    public boolean acquire(SocketAddress endpoint, ConnectionLease lease) {
        requireInLoop();
        Objects.requireNonNull(endpoint, "endpoint");
        if (lease.isWaiting() || lease.isHeld()) {
            throw new IllegalStateException(
                    "lease: " + (lease.isHeld() ? "holds a connection" : "is waiting") + " already");
        }
        if (closing || loop.isClosed()) {
            throw new RejectedExecutionException(closing ? "the pool is closed" : "the loop is closed");
        }
        Endpoint from = endpoint(endpoint);
        lease.acquiringFrom(this);
        try {
            return from.acquire(lease);
        } finally {
            forgetIfUnused(from);
        }
    }

    /**
     * Acquires a connection as soon as one is available. Any thread; the future is completed in the loop, and
     * cancelling it gives up the wait.
     *
     * @param handler the handler of the connection while it is leased; {@link ConnectionHandler#onOpen} is not called
     * @return the lease, which its holder must release; or the cause that {@link ConnectionLease#onFailed} describes
     * @throws RejectedExecutionException if the loop is closed
     */
    public CompletableFuture<ConnectionLease> acquire(SocketAddress endpoint, ConnectionHandler handler) {
        Objects.requireNonNull(endpoint, "endpoint");
        FutureLease lease = new FutureLease(this, handler);
        runInLoop(() -> lease.start(endpoint));
        return lease.future();
    }

    /**
     * Connects to an endpoint ahead of requests, and from now on keeps {@link ConnectionPoolBuilder#minIdle}
     * connections to it idle. Any thread.
     *
     * @return completed in the loop when the connections are there, or with the failure of an attempt; the pool keeps
     *     trying in any case
     * @throws RejectedExecutionException if the loop is closed
     */
    public CompletableFuture<@Nullable Void> warmUp(SocketAddress endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        CompletableFuture<@Nullable Void> done = new LoopFuture<>(loop);
        loop.execute(() -> {
            try {
                if (closing) {
                    throw new RejectedExecutionException("the pool is closed");
                }
                endpoint(endpoint).warmUp(done);
            } catch (Throwable t) {
                Persistently.fail(done, t);
            }
        });
        return done;
    }

    /** Ends what {@link #warmUp} started: idle connections time out again. Any thread. */
    public void coolDown(SocketAddress endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        loop.execute(() -> {
            Endpoint known = endpoint(endpoint);
            known.coolDown(new RejectedExecutionException("cooled down"));
            forgetIfUnused(known);
        });
    }

    // ---- in the turn

    void requireInLoop() {
        if (!loop.inLoop()) {
            throw new IllegalStateException("must be called in the loop " + loop);
        }
    }

    /** Runs a task at once if this is the loop's thread, else queues it. */
    void runInLoop(Runnable task) {
        if (loop.inLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    long now() {
        return loop.nanoTime();
    }

    boolean isClosing() {
        return closing;
    }

    private Endpoint endpoint(SocketAddress address) {
        List<Endpoint> same = endpoints.get(address);
        for (int i = 0; same != null && i < same.size(); i++) { // without an iterator to allocate
            if (same.get(i).isNamedAs(address)) {
                return same.get(i);
            }
        }
        Endpoint added = new Endpoint(this, address);
        endpoints.computeIfAbsent(address, unused -> new ArrayList<>(1)).add(added);
        return added;
    }

    Stream<Endpoint> endpoints() {
        return endpoints.values().stream().flatMap(List::stream);
    }

    void forgetIfUnused(Endpoint unused) {
        if (!unused.isUnused()) {
            return;
        }
        unused.cancelTimers();
        endpoints.computeIfPresent(
                unused.address, (address, same) -> same.remove(unused) && same.isEmpty() ? null : same);
    }

    /**
     * Spreads the ends of lifetimes evenly, however many connections are made together: multiples of the golden ratio
     * (Weyl's sequence).
     */
    long nextLifetimeEndNanos() {
        double position = settings.jitterStart + counters.created * GOLDEN_RATIO;
        double share = settings.jitter * (position - Math.floor(position));
        return now() + (long) (settings.lifetimeNanos * (1 - share));
    }

    void release(ConnectionLease lease, boolean reuse) {
        PooledConnection held = lease.held;
        if (held == null) {
            counters.strayReleases++;
        } else {
            held.release(reuse);
        }
    }

    void report(Throwable thrown) {
        try {
            Persistently.report(loop, this, thrown);
        } catch (RejectedExecutionException e) {
            Exceptions.rethrow(thrown); // the loop that closes reports what its callbacks throw
        }
    }

    void reportLeak(Connection connection, Throwable acquiredHere) {
        counters.leaks++;
        BiConsumer<Connection, Throwable> listener = settings.leakListener;
        if (listener != null) {
            try {
                listener.accept(connection, acquiredHere);
            } catch (Throwable t) {
                report(t);
            }
        }
    }

    void add(PooledConnection connection) {
        boolean added = false;
        try {
            connections.add(connection);
            added = true;
        } finally {
            if (!added) {
                connections.remove(connection); // it never existed
            }
        }
    }

    /** Whether no connection is left, not even one that has left the pool and is being closed. */
    boolean isEmpty() {
        return connections.isEmpty();
    }

    /** A connection has been closed, or an attempt has failed. */
    void ended(PooledConnection connection) {
        connections.remove(connection);
        if (closing && connections.isEmpty()) {
            completeClose();
        }
    }

    // ---- closing

    void loopClosed() {
        failAll(new RejectedExecutionException("the loop is closed"));
    }

    private void failAll(Throwable cause) {
        closing = true;
        endpoints().toList().forEach(each -> each.failAll(cause));
    }

    /**
     * Closes the pool: fails the waiting requests, closes idle connections, and waits until leased ones are released;
     * those that are not released at the deadline are aborted. A second call changes nothing. Any thread.
     *
     * @return completed when all connections have ended: true if they were released in time, false if some were
     *     aborted; or false soon after the deadline, where a callback is stuck in the loop, which has the system's
     *     clock
     */
    public CompletableFuture<Boolean> close(Duration deadline) {
        long nanos = Arguments.nanos(deadline, "deadline");
        if (bounded.compareAndSet(false, true)) {
            Deadlines.bound(closed, nanos, loop.nanoClock());
        }
        try {
            runInLoop(() -> closeInLoop(nanos));
        } catch (RejectedExecutionException e) {
            closed.complete(true); // the loop is closed, and has ended all of them
        }
        return closed.copy();
    }

    private void closeInLoop(long deadlineNanos) {
        for (int attempt = 1; !closeBegun; attempt++) {
            try {
                beginClose(deadlineNanos);
            } catch (OutOfMemoryError | StackOverflowError e) { // each step can be done again
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
        if (connections.isEmpty()) {
            completeClose();
        }
    }

    private void beginClose(long deadlineNanos) {
        failAll(new RejectedExecutionException("the pool is closed"));
        for (PooledConnection each : List.copyOf(connections)) {
            switch (each.state()) {
                case CONNECTING -> {
                    if (each.attempt != null) {
                        each.attempt.cancel(false);
                    }
                }
                case IDLE, CHECKING -> each.evict(EvictionCause.POOL_CLOSED);
                case LEASED, RETURNING, GONE -> {}
            }
        }
        for (Endpoint each : endpoints().toList()) {
            each.cancelTimers();
            forgetIfUnused(each);
        }
        if (!connections.isEmpty() && closeTimer == null) {
            closeTimer = loop.scheduleNanos(deadlineNanos, this::abortLeased);
        }
        closeBegun = true;
    }

    private void completeClose() {
        if (closeTimer != null) {
            closeTimer.cancel();
        }
        closed.complete(!deadlineMissed);
    }

    private void abortLeased() {
        deadlineMissed = true;
        for (PooledConnection each : List.copyOf(connections)) {
            if (each.state() != State.CONNECTING) {
                each.connection().abort();
            }
        }
    }

    /** Closes the pool as {@link #close(Duration)} does with no time left, without waiting. Any thread. */
    @Override
    public void close() {
        CompletableFuture<?> unused = close(Duration.ZERO);
    }

    /**
     * Returns the current numbers. Loop thread only; elsewhere use {@code CompletableFuture.supplyAsync(pool::stats,
     * pool.loop())}. O(endpoints).
     */
    public PoolStats stats() {
        requireInLoop();
        return counters.stats(
                count(State.IDLE),
                count(State.LEASED) + count(State.RETURNING),
                count(State.CONNECTING),
                count(State.CHECKING),
                endpoints().mapToInt(Endpoint::waiting).sum());
    }

    private int count(State state) {
        return endpoints().mapToInt(each -> each.count(state)).sum();
    }

    @Override
    public String toString() {
        return "connection pool on " + loop;
    }
}
