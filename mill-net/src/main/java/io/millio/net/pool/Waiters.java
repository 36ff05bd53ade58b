package io.millio.net.pool;

import io.millio.Timer;
import io.millio.net.jfr.ConnectionRecording;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The leases that wait for a connection of one endpoint, in their order, and their timeout. Loop thread only. */
final class Waiters {
    private static final long RETRY_NANOS = 10_000_000;

    private final ConnectionPool pool;
    private final Endpoint endpoint;
    private final LinkedQueue<ConnectionLease> queue = new LinkedQueue<>();
    private @Nullable Timer timer;

    Waiters(ConnectionPool pool, Endpoint endpoint) {
        this.pool = pool;
        this.endpoint = endpoint;
    }

    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    @Nullable
    ConnectionLease first() {
        return queue.peekFirst();
    }

    void add(ConnectionLease lease) {
        armTimer(pool.settings.acquireNanos);
        lease.waitingSinceNanos = pool.now();
        queue.add(lease, lease.waiting);
        lease.endpoint = endpoint;
    }

    void remove(ConnectionLease lease) {
        queue.remove(lease.waiting);
        lease.endpoint = null;
    }

    /** Fails the leases that wait now, the first ones first; those that their callbacks add are left. */
    void fail(int count, Throwable cause) {
        ConnectionLease next;
        for (int i = 0; i < count && (next = queue.peekFirst()) != null; i++) {
            fail(next, cause);
        }
    }

    void fail(ConnectionLease lease, Throwable cause) {
        remove(lease);
        long sinceNanos = lease.waitingSinceNanos; // the callback may acquire again
        try {
            lease.onFailed(cause);
            ConnectionRecording.poolAcquire(endpoint.address, pool.now() - sinceNanos, cause);
        } catch (Throwable t) {
            pool.report(t);
        }
    }

    // ---- time

    /** One timer, for the first lease: all wait equally long, so the others are due later. */
    void armTimer(long delayNanos) {
        Timer known = timer;
        if (known != null && known.isWaiting()) {
            return;
        }
        if (known == null || !known.restartNanos(delayNanos)) {
            timer = pool.loop().schedule(Duration.ofNanos(delayNanos), this::timedOut, pool::loopClosed);
        }
    }

    private void timedOut() {
        boolean done = false;
        try {
            failOverdue();
            endpoint.timerFired();
            done = true;
        } finally {
            if (!done) {
                armTimer(RETRY_NANOS); // the others still wait
            }
        }
    }

    private void failOverdue() {
        long timeoutNanos = pool.settings.acquireNanos;
        for (ConnectionLease first; (first = queue.peekFirst()) != null; ) {
            long leftNanos = timeoutNanos - (pool.now() - first.waitingSinceNanos);
            if (leftNanos > 0) {
                armTimer(leftNanos);
                break;
            }
            TimeoutException timeout = new TimeoutException(
                    "no connection to " + endpoint.address + " within " + Duration.ofNanos(timeoutNanos));
            timeout.initCause(endpoint.lastFailure());
            pool.counters.timedOut++;
            fail(first, timeout);
        }
    }

    void cancelTimer() {
        Timer known = timer;
        timer = null;
        if (known != null) {
            known.cancel();
        }
    }
}
