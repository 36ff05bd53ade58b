package io.millio.net.pool;

import java.util.EnumMap;
import java.util.Map;

/** The running totals of a pool. Loop thread only. */
final class PoolCounters {
    private final Map<EvictionCause, Long> evicted = new EnumMap<>(EvictionCause.class);
    long created;
    long connectFailures;
    long refused;
    long timedOut;
    long strayReleases;
    long leaks;
    private long acquired;
    private long acquireNanos;
    private long maxAcquireNanos;

    PoolCounters() {
        for (EvictionCause cause : EvictionCause.values()) {
            evicted.put(cause, 0L);
        }
    }

    void evicted(EvictionCause cause) {
        evicted.merge(cause, 1L, Long::sum);
    }

    void acquired(long waitedNanos) {
        acquired++;
        acquireNanos += waitedNanos;
        maxAcquireNanos = Math.max(maxAcquireNanos, waitedNanos);
    }

    PoolStats stats(int idle, int leased, int connecting, int checking, int pending) {
        return new PoolStats(
                idle,
                leased,
                connecting,
                checking,
                pending,
                created,
                connectFailures,
                acquired,
                refused,
                timedOut,
                strayReleases,
                leaks,
                acquireNanos,
                maxAcquireNanos,
                evicted);
    }
}
