package io.millio.net;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The numbers of a pool. The turn's. */
final class PoolCounts {
    private final EnumMap<EvictionCause, long[]> evictions = new EnumMap<>(EvictionCause.class);

    private int idle;
    private int leased;
    private int connecting;
    private int checking;
    int pending;
    long created;
    long timedOut;
    long refused;
    long strayReleases;
    long leaks;
    private long acquired;
    private long acquireNanos;
    private long maxAcquireNanos;

    PoolCounts() {
        for (EvictionCause cause : EvictionCause.values()) {
            evictions.put(cause, new long[1]);
        }
    }

    /** A connection of an endpoint has come to a state, or has left it. */
    void count(PoolEndpoint endpoint, PooledConnection.State state, int change) {
        switch (state) {
            case CONNECTING -> {
                connecting += change;
                endpoint.connecting += change;
            }
            case IDLE -> {
                idle += change;
                endpoint.idle += change;
            }
            case LEASED -> {
                leased += change;
                endpoint.leased += change;
            }
            case RETURNING -> {
                leased += change;
                endpoint.leased += change;
                endpoint.returning += change;
            }
            case CHECKING -> {
                checking += change;
                endpoint.checking += change;
            }
            case GONE -> {}
        }
    }

    /** How many places are taken. */
    int occupied() {
        return idle + leased + connecting + checking;
    }

    void evicted(EvictionCause cause) {
        Objects.requireNonNull(evictions.get(cause))[0]++;
    }

    void acquired(long waitedNanos) {
        acquired++;
        acquireNanos += waitedNanos;
        maxAcquireNanos = Math.max(maxAcquireNanos, waitedNanos);
    }

    PoolStats stats(long connectFailures) {
        Map<EvictionCause, Long> evicted = new EnumMap<>(EvictionCause.class);
        evictions.forEach((cause, count) -> evicted.put(cause, count[0]));
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
