package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.net.pool.ConnectionPool;
import io.millio.net.pool.EvictionCause;
import io.millio.net.pool.PoolStats;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * The numbers of a {@link ConnectionPool}: {@code millio.connection.pool.*}, with the tag {@code name}. Only the loop
 * of the pool knows them: a thread that reads the registry waits for it, at most 100 ms, and shows the numbers of the
 * last reading if the loop is stuck.
 */
public final class ConnectionPoolMetrics extends Binder {
    private static final String PREFIX = "millio.connection.pool.";

    private final ConnectionPool pool;

    /**
     * Makes a binder for a pool.
     *
     * @param name a name that no other connection pool of the process has
     * @param tags of all meters
     */
    public ConnectionPoolMetrics(ConnectionPool pool, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        this.pool = Objects.requireNonNull(pool, "pool");
    }

    @Override
    void register(MeterSet meters) {
        ConnectionPoolSample sample =
                new ConnectionPoolSample(pool, meters.registry.config().clock());
        connections(meters, sample, "idle", PoolStats::idle);
        connections(meters, sample, "leased", PoolStats::leased);
        connections(meters, sample, "connecting", PoolStats::connecting);
        connections(meters, sample, "checking", PoolStats::checking);
        meters.gauge(
                PREFIX + "pending",
                null,
                "Requests waiting for a connection",
                () -> sample.stats().pending());
        meters.counter(
                PREFIX + "created", // with a unit, as Prometheus reserves names that end in "created"
                BaseUnits.CONNECTIONS,
                "Connections made",
                () -> sample.stats().created());
        counter(meters, sample, "connect.failures", "Attempts to connect that failed", PoolStats::connectFailures);
        counter(meters, sample, "refused", "Requests refused because too many waited", PoolStats::refused);
        counter(meters, sample, "timeouts", "Requests that timed out", PoolStats::timedOut);
        counter(meters, sample, "stray.releases", "Releases of leases that held nothing", PoolStats::strayReleases);
        counter(meters, sample, "leaks.suspected", "Leases held for too long", PoolStats::leaksSuspected);
        for (EvictionCause cause : EvictionCause.values()) {
            meters.with("cause", Names.tag(cause))
                    .counter(
                            PREFIX + "evicted",
                            null,
                            "Connections that left the pool",
                            () -> sample.stats().evicted(cause));
        }
        meters.timer(
                PREFIX + "acquire",
                "Time that requests waited for a connection",
                () -> sample.stats().acquired(),
                () -> sample.stats().acquireNanos());
        meters.timeGauge(
                PREFIX + "acquire.max",
                "The longest wait for a connection since the pool was made",
                () -> sample.stats().maxAcquireNanos());
    }

    private void connections(
            MeterSet meters, ConnectionPoolSample sample, String state, ToLongFunction<PoolStats> value) {
        meters.with("state", state)
                .gauge(
                        PREFIX + "connections",
                        BaseUnits.CONNECTIONS,
                        "Connections of the pool",
                        () -> value.applyAsLong(sample.stats()));
    }

    private void counter(
            MeterSet meters,
            ConnectionPoolSample sample,
            String what,
            String description,
            ToLongFunction<PoolStats> value) {
        meters.counter(PREFIX + what, null, description, () -> value.applyAsLong(sample.stats()));
    }
}
