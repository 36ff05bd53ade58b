package io.millio.pool;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link ObjectPool}; checked by the builders.
 *
 * @param create makes an object; returns null if none can be made now
 * @param dispose null if there is nothing to do for an object that leaves the pool
 * @param newHandle makes a lease of an entry: a {@link Lease} for all but the size classes of a {@link BufferPool}
 */
record PoolSettings<T>(
        String name,
        Supplier<? extends @Nullable T> create,
        @Nullable Consumer<? super T> reset,
        @Nullable Consumer<? super T> dispose,
        Function<PoolEntry<T>, PoolHandle<T>> newHandle,
        int maxSize,
        int minIdle,
        long idleNanos,
        LongSupplier nanoClock,
        @Nullable LeakTracker leakTracker) {

    /** Returns whether there is nothing to do for an object that is given back or leaves the pool. */
    boolean isPlain() {
        return reset == null && dispose == null;
    }
}
