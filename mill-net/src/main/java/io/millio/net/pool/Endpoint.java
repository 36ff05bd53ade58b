package io.millio.net.pool;

import io.millio.Timer;
import io.millio.net.Connection;
import io.millio.net.pool.PooledConnection.State;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a pool: its idle connections, its waiting leases, and the attempts to connect to it. All limits are
 * its own, so that no endpoint can use up what another one needs. Loop thread only.
 */
final class Endpoint {
    private static final int MAX_DOUBLINGS = 40;

    /** With this many failures in a row and no connection left, everything that waits fails. */
    private static final int FAILURES_OF_A_DEAD_ENDPOINT = 2;

    final ConnectionPool pool;
    final SocketAddress address;

    private final int[] counts = new int[State.values().length];
    private final LinkedQueue<PooledConnection> idle = new LinkedQueue<>(); // the longest idle first
    private final LinkedQueue<ConnectionLease> waiters = new LinkedQueue<>();
    private final Runnable grant = this::grant; // made once, since it is queued again and again
    private boolean grantQueued;
    private boolean connecting;
    private boolean acquiring;
    private @Nullable Timer waitTimer;

    private boolean warm;
    private final List<CompletableFuture<?>> warming = new ArrayList<>();

    private int failures;
    private long failedNanos;
    private @Nullable Timer backoff;
    private @Nullable Throwable lastFailure;

    Endpoint(ConnectionPool pool, SocketAddress address) {
        this.pool = pool;
        this.address = address;
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
        return occupied() == 0 && waiters.isEmpty() && !warm && !acquiring && !isBackingOff();
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
        armWaitTimer(pool.settings.acquireNanos);
        lease.waitingSinceNanos = pool.now();
        waiters.add(lease, lease.waiting);
        lease.endpoint = this;
        grantSoon();
        connectMore();
        return false;
    }

    private void lend(PooledConnection connection, ConnectionLease lease, long waitedNanos) {
        removeIdle(connection);
        connection.lend(lease);
        pool.counters.acquired(waitedNanos);
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
            pool.loop().execute(grant);
            grantQueued = true;
        } catch (RejectedExecutionException e) {
            // the loop is closing, which fails the waiters
        }
    }

    private void grant() {
        grantQueued = false;
        PooledConnection found;
        for (ConnectionLease lease; (lease = waiters.peekFirst()) != null && (found = nextIdle()) != null; ) {
            if (found.needsCheck()) {
                if (count(State.CHECKING) >= waiters.size()) {
                    return;
                }
                found.check();
                continue;
            }
            waiters.remove(lease.waiting);
            lease.endpoint = null;
            lend(found, lease, pool.now() - lease.waitingSinceNanos);
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
        waiters.remove(lease.waiting);
        lease.endpoint = null;
        pool.forgetIfUnused(this);
    }

    private void fail(ConnectionLease lease, Throwable cause) {
        lease.endpoint = null;
        try {
            lease.onFailed(cause);
        } catch (Throwable t) {
            pool.report(t);
        }
    }

    /** Fails the leases that wait now, the first ones first; those that their callbacks add are left. */
    private void failWaiters(int count, Throwable cause) {
        ConnectionLease next;
        for (int i = 0; i < count && (next = waiters.poll()) != null; i++) {
            fail(next, cause);
        }
    }

    void failAll(Throwable cause) {
        coolDown(cause);
        failWaiters(waiters.size(), cause);
    }

    /** One timer, for the first lease: all wait equally long, so the others are due later. */
    private void armWaitTimer(long delayNanos) {
        Timer known = waitTimer;
        if (known != null && known.isWaiting()) {
            return;
        }
        if (known == null || !known.restartNanos(delayNanos)) {
            waitTimer = pool.loop().schedule(Duration.ofNanos(delayNanos), this::waitTimedOut, pool::loopClosed);
        }
    }

    private void waitTimedOut() {
        long timeoutNanos = pool.settings.acquireNanos;
        for (ConnectionLease first; (first = waiters.peekFirst()) != null; ) {
            long leftNanos = timeoutNanos - (pool.now() - first.waitingSinceNanos);
            if (leftNanos > 0) {
                armWaitTimer(leftNanos);
                break;
            }
            waiters.remove(first.waiting);
            TimeoutException timeout =
                    new TimeoutException("no connection to " + address + " within " + Duration.ofNanos(timeoutNanos));
            timeout.initCause(lastFailure);
            pool.counters.timedOut++;
            fail(first, timeout);
        }
        if (!warming.isEmpty()) {
            armWaitTimer(timeoutNanos); // it reports the end of the loop
        }
        pool.forgetIfUnused(this);
    }

    // ---- warming up

    void warmUp(CompletableFuture<?> done) {
        armWaitTimer(pool.settings.acquireNanos);
        warm = true;
        warming.add(done);
        completeWarming();
        connectMore();
    }

    void coolDown(Throwable cause) {
        warm = false;
        completeWarming(cause);
    }

    private void completeWarming() {
        if (!warming.isEmpty() && occupied() - count(State.CONNECTING) >= pool.settings.minIdle) {
            completeWarming(null);
        }
    }

    private void completeWarming(@Nullable Throwable failure) {
        List<CompletableFuture<?>> done = List.copyOf(warming);
        warming.clear();
        for (CompletableFuture<?> each : done) {
            if (failure == null) {
                each.complete(null);
            } else {
                each.completeExceptionally(failure);
            }
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
                && !isBackingOff()
                && (failures == 0 || count(State.CONNECTING) == 0);
    }

    /** Starts an attempt; returns false if it failed at once. */
    private boolean connect() {
        PooledConnection started = new PooledConnection(this);
        pool.add(started);
        count(State.CONNECTING, 1);
        CompletableFuture<Connection> attempt;
        try {
            attempt = pool.settings.client.connect(address, started);
        } catch (Throwable t) {
            attempt = CompletableFuture.failedFuture(t);
        }
        started.attempt = attempt;
        if (!attempt.isDone()) {
            watch(attempt, started);
            return true;
        }
        CompletableFuture<Connection> failed = attempt;
        try {
            pool.loop().execute(() -> watch(failed, started)); // not inside the call of the one who acquires
        } catch (RejectedExecutionException e) {
            watch(failed, started);
        }
        return false;
    }

    private void watch(CompletableFuture<Connection> attempt, PooledConnection started) {
        CompletableFuture<?> unused = attempt.whenComplete((connection, failure) -> {
            if (failure != null) {
                connectFailed(started, failure);
            }
        });
    }

    /** An attempt has succeeded. */
    void connected() {
        failures = 0;
        lastFailure = null;
        cancelTimer(backoff);
        backoff = null;
        pool.counters.created++;
    }

    private void connectFailed(PooledConnection attempt, Throwable failure) {
        if (attempt.state() != State.CONNECTING) {
            return; // it had opened, and onClose reports its end
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        attempt.connectFailed();
        pool.ended(attempt);
        if (pool.isClosing()) {
            return;
        }
        pool.counters.connectFailures++;
        lastFailure = cause;
        backOff(attempt.startedNanos);
        completeWarming(cause);
        if (failures >= FAILURES_OF_A_DEAD_ENDPOINT && occupied() == 0) {
            failWaiters(waiters.size(), cause);
        } else if (waiters.size() > supply()) {
            failWaiters(1, cause);
        }
        connectMore();
        pool.forgetIfUnused(this);
    }

    private boolean isBackingOff() {
        return backoff != null && backoff.isWaiting();
    }

    /** Attempts that were in progress together count as one failure. */
    private void backOff(long startedNanos) {
        if (failures > 0 && startedNanos - failedNanos < 0) {
            return;
        }
        failedNanos = pool.now();
        int doublings = Math.min(failures, MAX_DOUBLINGS);
        failures++;
        long first = pool.settings.firstBackoffNanos;
        long max = pool.settings.maxBackoffNanos;
        long delayNanos = first > max >> doublings ? max : first << doublings;
        try {
            if (backoff == null || !backoff.restartNanos(delayNanos)) {
                backoff = pool.loop().scheduleNanos(delayNanos, this::backoffOver);
            }
        } catch (RejectedExecutionException e) {
            // the loop is closed, which the wait timer reports to the waiters
        }
    }

    private void backoffOver() {
        connectMore();
        pool.forgetIfUnused(this);
    }

    /** Cancels the timers; the endpoint is not used again, or the pool is closing. */
    void cancelTimers() {
        cancelTimer(backoff);
        backoff = null;
        cancelTimer(waitTimer);
        waitTimer = null;
    }

    private static void cancelTimer(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
