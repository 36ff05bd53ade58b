package io.millio.net.pool;

import java.util.Map;

/**
 * A snapshot of the numbers of a {@link ConnectionPool}.
 *
 * @param idle idle connections
 * @param leased connections in use
 * @param connecting connection attempts in progress
 * @param checking idle connections whose {@link ConnectionCheck} is in progress
 * @param pending requests that wait for a connection
 * @param created connections made so far
 * @param connectFailures attempts that failed
 * @param acquired requests that acquired a connection
 * @param refused requests that were refused because too many were waiting
 * @param timedOut requests that timed out
 * @param strayReleases releases of a lease that held nothing: released before, or ended with its connection
 * @param leaksSuspected leases held for longer than {@link ConnectionPoolBuilder#leakAfter}
 * @param acquireNanos the total wait of the requests that acquired a connection, in nanoseconds
 * @param maxAcquireNanos the longest of these waits, in nanoseconds
 * @param evicted connections that left the pool, by cause
 */
public record PoolStats(
        int idle,
        int leased,
        int connecting,
        int checking,
        int pending,
        long created,
        long connectFailures,
        long acquired,
        long refused,
        long timedOut,
        long strayReleases,
        long leaksSuspected,
        long acquireNanos,
        long maxAcquireNanos,
        Map<EvictionCause, Long> evicted) {
    /** Copies the map. */
    public PoolStats {
        evicted = Map.copyOf(evicted);
    }

    /** Returns how many connections left for a cause. */
    public long evicted(EvictionCause cause) {
        return evicted.getOrDefault(cause, 0L);
    }
}
