package io.millio.metrics;

import io.micrometer.core.instrument.Clock;
import io.millio.net.pool.ConnectionPool;
import io.millio.net.pool.PoolStats;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a connection pool, which only its loop can read: other threads ask the loop, and wait a little. Any
 * thread.
 */
final class ConnectionPoolSample {
    /** How long a reading waits for the loop. If that is stuck, the numbers of the last reading are shown. */
    private static final long MAX_WAIT_NANOS = 100_000_000;

    private static final PoolStats NONE = new PoolStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());

    private final ConnectionPool pool;
    private final Clock clock;

    // Guarded by this.
    private PoolStats latest = NONE;
    private long latestNanos;
    private @Nullable CompletableFuture<PoolStats> pending;

    ConnectionPoolSample(ConnectionPool pool, Clock clock) {
        this.pool = pool;
        this.clock = clock;
        latestNanos = clock.monotonicTime() - LoopSample.SHARED_NANOS; // the first reading asks
    }

    /** Returns the numbers of the pool, at most 10 ms old unless the loop is stuck or closed. */
    synchronized PoolStats stats() {
        if (clock.monotonicTime() - latestNanos >= LoopSample.SHARED_NANOS) {
            if (pool.loop().inLoop()) {
                latest = pool.stats();
            } else {
                ask();
            }
            latestNanos = clock.monotonicTime();
        }
        return latest;
    }

    private void ask() {
        CompletableFuture<PoolStats> asked = pending;
        long waitNanos = 0; // an earlier reading has waited already
        try {
            if (asked == null) {
                asked = CompletableFuture.supplyAsync(pool::stats, pool.loop());
                pending = asked;
                waitNanos = MAX_WAIT_NANOS;
            }
            latest = asked.get(waitNanos, TimeUnit.NANOSECONDS);
            pending = null;
        } catch (TimeoutException e) {
            // a later reading takes the result
        } catch (RejectedExecutionException | ExecutionException e) {
            pending = null; // the loop is closed: the pool does nothing any more
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
