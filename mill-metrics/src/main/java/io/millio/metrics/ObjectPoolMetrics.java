package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.pool.BufferPool;
import io.millio.pool.ObjectPool;
import io.millio.pool.PoolStats;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a pool of objects, {@code millio.object.pool.*}, or of buffers, {@code millio.buffer.pool.*}, with the
 * tag {@code name} for the name of the pool.
 */
public final class ObjectPoolMetrics extends Binder {
    private final String prefix;
    private final Supplier<PoolStats> stats;
    private final @Nullable BufferPool buffers;

    /**
     * Makes a binder for a pool of objects.
     *
     * @param tags of all meters
     */
    public ObjectPoolMetrics(ObjectPool<?> pool, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", pool.name()));
        prefix = "millio.object.pool.";
        stats = pool::stats;
        buffers = null;
    }

    /**
     * Makes a binder for a pool of buffers, with the sums over its sizes.
     *
     * @param tags of all meters
     */
    public ObjectPoolMetrics(BufferPool pool, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", pool.name()));
        prefix = "millio.buffer.pool.";
        stats = () -> pool.stats().buffers();
        buffers = Objects.requireNonNull(pool, "pool");
    }

    @Override
    void register(MeterSet meters) {
        String unit = buffers == null ? BaseUnits.OBJECTS : BaseUnits.BUFFERS;
        meters.gauge(prefix + "leased", unit, "Leased now", () -> stats.get().leased());
        meters.gauge(
                prefix + "idle", unit, "Waiting for a lease", () -> stats.get().idle());
        meters.counter(prefix + "created", unit, "Made", () -> stats.get().created());
        meters.counter(
                prefix + "disposed", unit, "Disposed of", () -> stats.get().disposed());
        meters.counter(
                prefix + "acquired", null, "Leases given out", () -> stats.get().acquired());
        meters.counter(
                prefix + "released",
                null,
                "Leases given back",
                () -> stats.get().released());
        meters.counter(
                prefix + "exhausted",
                null,
                "Requests refused by the bound",
                () -> stats.get().exhausted());
        meters.counter(
                prefix + "leaked",
                null,
                "Leases that were never closed",
                () -> stats.get().leaked());
        BufferPool pool = buffers;
        if (pool != null) {
            meters.gauge(
                    prefix + "memory.held",
                    BaseUnits.BYTES,
                    "Bytes of all buffers",
                    () -> pool.stats().heldBytes());
            meters.gauge(
                    prefix + "memory.leased",
                    BaseUnits.BYTES,
                    "Bytes of the leased buffers",
                    () -> pool.stats().leasedBytes());
            meters.gauge(
                    prefix + "memory.limit",
                    BaseUnits.BYTES,
                    "The bound of all buffers",
                    () -> pool.stats().maxTotalBytes());
        }
    }
}
