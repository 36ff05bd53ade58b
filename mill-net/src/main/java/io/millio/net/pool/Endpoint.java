package io.millio.net.pool;

import io.millio.internal.Exceptions;
import io.millio.internal.Persistently;
import io.millio.net.Connection;
import io.millio.net.jfr.ConnectionRecording;
import io.millio.net.pool.PooledConnection.State;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a pool: its idle connections, its waiting leases, and the attempts to connect to it. All limits are
 * its own, so that no endpoint can use up what another one needs. Loop thread only.
 */
final class Endpoint {

    /** With this many failures in a row and no connection left, everything that waits fails. */
    private static final int FAILURES_OF_A_DEAD_ENDPOINT = 2;

    final ConnectionPool pool;
    final SocketAddress address;

    private final int[] counts = new int[State.values().length];
    private final LinkedQueue<PooledConnection> idle = new LinkedQueue<>(); // the longest idle first
    private final Waiters waiters;
    private final Runnable grant = this::grant; // made once, since it is queued again and again
    private final Runnable connectMore = this::connectMore;
    private boolean grantQueued;
    private boolean connecting;
    private boolean acquiring;

    private boolean warm;
    private final WarmUps warming = new WarmUps();
    private final Backoff backoff;
    private @Nullable Throwable lastFailure;

    Endpoint(ConnectionPool pool, SocketAddress address) {
        this.pool = pool;
        this.address = address;
        this.waiters = new Waiters(pool, this);
        this.backoff = new Backoff(pool, this::backoffOver);
    }

    /**
     * Whether an address with an equal one has the same host name too. A connection may be verified for its host name,
     * so names that lead to one address are different endpoints.
     */
    boolean isNamedAs(SocketAddress other) {
        return other == address
                || !(address instanceof InetSocketAddress mine)
                || !(other instanceof InetSocketAddress theirs)
                || mine.getHostString().equalsIgnoreCase(theirs.getHostString());
    }

    // ---- counts

    void changed(State from, State to) {
        count(from, -1);
        count(to, 1);
    }

    @SuppressWarnings("EnumOrdinal") // an index into an array that no other code sees
    private void count(State state, int change) {
        counts[state.ordinal()] += change;
    }

    @SuppressWarnings("EnumOrdinal")
    int count(State state) {
        return counts[state.ordinal()];
    }

    int waiting() {
        return waiters.size();
    }

    int occupied() {
        return count(State.LEASED) + supply();
    }

    /** Connections that will be available soon. */
    private int supply() {
        return count(State.IDLE) + count(State.RETURNING) + count(State.CONNECTING) + count(State.CHECKING);
    }

    private int minIdle() {
        return warm ? pool.settings.minIdle : 0;
    }

    /** Whether one idle connection more than needed is there. */
    boolean hasIdleToSpare() {
        return idle.size() > minIdle() + waiters.size();
    }

    boolean isUnused() {
        return occupied() == 0 && waiters.isEmpty() && !warm && !acquiring && !connecting && !backoff.isRunning();
    }

    // ---- leasing

    /** Leases an idle connection at once, or queues the lease. Returns whether the lease has a connection. */
    boolean acquire(ConnectionLease lease) {
        acquiring = true; // evicting the last idle connection must not forget this endpoint
        try {
            return lendOrQueue(lease);
        } finally {
            acquiring = false;
        }
    }

    private boolean lendOrQueue(ConnectionLease lease) {
        PooledConnection found = waiters.isEmpty() ? nextIdle() : null;
        if (found != null && !found.needsCheck()) {
            lend(found, lease, 0);
            return true;
        }
        if (waiters.size() >= pool.settings.maxWaiters) {
            pool.counters.refused++;
            throw new RejectedExecutionException(
                    "maxWaiters: " + pool.settings.maxWaiters + " requests are waiting for " + address);
        }
        boolean queued = false;
        try {
            waiters.add(lease);
            grantSoon();
            connectMore();
            queued = true;
        } finally {
            if (!queued) {
                waiters.remove(lease);
            }
        }
        return false;
    }

    private void lend(PooledConnection connection, ConnectionLease lease, long waitedNanos) {
        boolean lent = false;
        try {
            removeIdle(connection);
            connection.lend(lease);
            pool.counters.acquired(waitedNanos);
            ConnectionRecording.poolAcquire(address, waitedNanos, "acquired");
            lent = true;
        } finally {
            if (!lent) {
                connection.evict(EvictionCause.FAILED); // neither is half leased
            }
        }
    }

    /** Returns the idle connection to use next, after closing those that are unusable. */
    private @Nullable PooledConnection nextIdle() {
        while (true) {
            PooledConnection next = pool.settings.newestFirst ? idle.peekLast() : idle.peekFirst();
            EvictionCause unusable = next == null ? null : next.unusable();
            if (next == null || unusable == null) {
                return next;
            }
            next.evict(unusable);
        }
    }

    void addIdle(PooledConnection connection) {
        idle.add(connection, connection.idle);
    }

    /** An idle connection was added. */
    void idleAdded() {
        completeWarming();
        grantSoon();
    }

    void removeIdle(PooledConnection connection) {
        idle.remove(connection.idle);
    }

    /** Leases in a task, so that it never happens inside a callback of a connection. */
    private void grantSoon() {
        if (waiters.isEmpty() || idle.isEmpty() || grantQueued) {
            return;
        }
        try {
            Persistently.execute(pool.loop(), grant);
            grantQueued = true;
        } catch (RejectedExecutionException e) {
            // the loop is closing, which fails the waiters
        }
    }

    private void grant() {
        grantQueued = false;
        boolean done = false;
        try {
            grantAll();
            done = true;
        } finally {
            if (!done) {
                grantSoon(); // the others still wait
            }
        }
    }

    private void grantAll() {
        PooledConnection found;
        for (ConnectionLease lease; (lease = waiters.first()) != null && (found = nextIdle()) != null; ) {
            if (found.needsCheck()) {
                if (count(State.CHECKING) >= waiters.size()) {
                    return;
                }
                found.check();
                continue;
            }
            waiters.remove(lease);
            try {
                lend(found, lease, pool.now() - lease.waitingSinceNanos);
            } catch (Throwable t) {
                waiters.fail(lease, t);
                continue;
            }
            try {
                lease.onAcquired(found.connection());
            } catch (Throwable t) {
                pool.report(t);
                if (lease.held == found) {
                    pool.release(lease, false);
                }
            }
        }
    }

    // ---- waiting

    void cancel(ConnectionLease lease) {
        pool.requireInLoop();
        waiters.remove(lease);
        ConnectionRecording.poolAcquire(address, pool.now() - lease.waitingSinceNanos, "cancelled");
        pool.forgetIfUnused(this);
    }

    void failAll(Throwable cause) {
        coolDown(cause);
        waiters.fail(waiters.size(), cause);
    }

    /** The timer of the waiters has fired, and has failed those that were due. */
    void timerFired() {
        if (!warming.isEmpty()) {
            waiters.armTimer(pool.settings.acquireNanos); // it reports the end of the loop
        }
        pool.forgetIfUnused(this);
    }

    @Nullable
    Throwable lastFailure() {
        return lastFailure;
    }

    // ---- warming up

    void warmUp(CompletableFuture<?> done) {
        waiters.armTimer(pool.settings.acquireNanos);
        warm = true;
        warming.add(done);
        completeWarming();
        connectMore();
    }

    void coolDown(Throwable cause) {
        warm = false;
        warming.complete(cause);
    }

    private void completeWarming() {
        if (!warming.isEmpty() && occupied() - count(State.CONNECTING) >= pool.settings.minIdle) {
            warming.complete(null);
        }
    }

    // ---- connecting

    /** Starts as many attempts as are needed and allowed. */
    void connectMore() {
        if (connecting) {
            return; // an attempt that fails at once comes here again
        }
        connecting = true;
        try {
            while (needsConnection() && connect()) {}
        } finally {
            connecting = false;
        }
    }

    /** While attempts fail, there is one at a time. */
    private boolean needsConnection() {
        return !pool.isClosing()
                && waiters.size() + minIdle() > supply()
                && occupied() < pool.settings.maxPerEndpoint
                && !backoff.isRunning()
                && (backoff.failures() == 0 || count(State.CONNECTING) == 0);
    }

    /** Starts an attempt; returns false if it failed at once. */
    private boolean connect() {
        PooledConnection started = new PooledConnection(this);
        pool.add(started);
        count(State.CONNECTING, 1);
        CompletableFuture<Connection> attempt = null;
        try {
            attempt = pool.settings.client.connect(address, started);
            started.attempt = attempt;
            watch(attempt, started);
            return !attempt.isDone();
        } catch (Throwable t) {
            failLater(started, t);
            if (attempt != null) {
                attempt.cancel(false);
            }
            return false;
        }
    }

    private void watch(CompletableFuture<Connection> attempt, PooledConnection started) {
        CompletableFuture<?> unused = attempt.whenComplete((connection, failure) -> {
            if (failure == null) {
                return;
            }
            if (connecting) {
                failLater(started, failure); // not inside the call of the one who acquires
            } else {
                connectFailed(started, failure);
            }
        });
    }

    private void failLater(PooledConnection started, Throwable cause) {
        if (started.connectFailure == null) {
            started.connectFailure = cause; // the first one, not the cancellation that follows
        }
        try {
            Persistently.execute(pool.loop(), started.reportFailure);
        } catch (RejectedExecutionException e) {
            connectFailed(started, cause); // the loop is closed
        }
    }

    /** An attempt has succeeded. */
    void connected() {
        lastFailure = null;
        backoff.succeeded();
        pool.counters.created++;
    }

    /** An attempt has failed. Throws nothing: it is called when a future completes, which would swallow it. */
    void connectFailed(PooledConnection attempt, Throwable failure) {
        if (attempt.state() != State.CONNECTING) {
            return; // it had opened, and onClose reports its end
        }
        try {
            doConnectFailed(attempt, failure);
        } catch (Throwable t) {
            pool.ended(attempt); // has no effect if it was done
            pool.report(t);
            connectMoreSoon();
        }
    }

    /** The back-off could not be started: goes on without. */
    private void connectMoreSoon() {
        if (!backoff.isRunning()) {
            Persistently.execute(pool.loop(), connectMore);
        }
    }

    private void doConnectFailed(PooledConnection attempt, Throwable failure) {
        Throwable cause = Exceptions.unwrapped(failure);
        attempt.connectFailed();
        pool.ended(attempt);
        if (pool.isClosing()) {
            return;
        }
        pool.counters.connectFailures++;
        lastFailure = cause;
        boolean pause = backoff.countFailure(attempt.startedNanos);
        boolean nested = connecting; // the attempt has failed inside the call that makes it, as the loop is closed
        connecting = true; // until the back-off has begun, whatever the callbacks acquire
        try {
            warming.complete(cause);
            if (backoff.failures() >= FAILURES_OF_A_DEAD_ENDPOINT && occupied() == 0) {
                waiters.fail(waiters.size(), cause);
            } else if (waiters.size() > supply()) {
                waiters.fail(1, cause);
            }
            if (pause) {
                backoff.start();
            }
        } finally {
            connecting = nested;
        }
        connectMore();
        pool.forgetIfUnused(this);
    }

    private void backoffOver() {
        connectMore();
        pool.forgetIfUnused(this);
    }

    /** Cancels the timers; the endpoint is not used again, or the pool is closing. */
    void cancelTimers() {
        backoff.cancel();
        waiters.cancelTimer();
    }
}
