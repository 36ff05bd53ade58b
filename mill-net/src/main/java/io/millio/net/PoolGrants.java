package io.millio.net;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * Hands connections of a pool to those who wait: in a task, so that it is never inside a callback of a connection. The
 * turn's.
 */
final class PoolGrants {
    private final ConnectionPool pool;
    private final ArrayDeque<PoolEndpoint> granting = new ArrayDeque<>();
    private final Runnable grants = this::grantAll; // made once: it is queued again and again
    private boolean queued;

    PoolGrants(ConnectionPool pool) {
        this.pool = pool;
    }

    /** An endpoint may have what somebody waits for. */
    void soon(PoolEndpoint endpoint) {
        if (endpoint.waiters == 0 || endpoint.idle == 0) {
            return;
        }
        if (!endpoint.granting) {
            endpoint.granting = true;
            granting.add(endpoint);
        }
        if (!queued) {
            try {
                pool.loop().execute(grants);
                queued = true;
            } catch (RejectedExecutionException e) {
                // The loop is closing, and tells those who wait.
            }
        }
    }

    private void grantAll() {
        queued = false;
        for (int i = granting.size(); i > 0; i--) {
            PoolEndpoint next = granting.remove();
            next.granting = false;
            grant(next);
        }
    }

    private void grant(PoolEndpoint from) {
        PooledConnection found;
        for (ConnectionLease waiter; (waiter = from.firstWaiter) != null && (found = from.nextIdle()) != null; ) {
            if (found.needsCheck()) {
                if (from.checking >= from.waiters) {
                    return;
                }
                found.beginCheck();
                continue;
            }
            from.unlink(waiter);
            lend(found, waiter, pool.now() - waiter.sinceNanos);
            try {
                waiter.onAcquired(found.connection());
            } catch (Throwable t) {
                pool.report(t);
                if (waiter.held == found) {
                    pool.giveBack(waiter, false);
                }
            }
        }
    }

    void lend(PooledConnection connection, ConnectionLease to, long waitedNanos) {
        connection.lend(to);
        pool.counts.acquired(waitedNanos);
    }
}
