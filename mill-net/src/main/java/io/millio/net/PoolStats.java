package io.millio.net;

import java.util.Map;

/**
 * The numbers of a {@link ConnectionPool} at one moment.
 *
 * @param idle connections that wait to be used
 * @param leased connections in use
 * @param connecting attempts under way
 * @param checking idle connections that are being checked before they are used
 * @param pending requests that wait
 * @param created connections made so far
 * @param connectFailures attempts that failed
 * @param acquired requests that got a connection
 * @param refused requests that were refused because too many waited
 * @param timedOut requests whose time was over
 * @param strayReleases releases of a lease that held nothing: released before, or ended with its connection
 * @param leaksSuspected leases that were held for longer than {@link ConnectionPoolBuilder#leakAfter}
 * @param acquireNanos how long those that got a connection waited, in all
 * @param maxAcquireNanos how long the one of them that waited longest did
 * @param evicted connections that left, by cause
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

    /** How many left for a cause. */
    public long evicted(EvictionCause cause) {
        return evicted.getOrDefault(cause, 0L);
    }
}
