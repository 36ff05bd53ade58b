package io.millio.pool;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a pool's core is made of; checked by the builders.
 *
 * @param create makes an object; null: there may be none now
 */
record PoolSettings<T>(
        String name,
        Supplier<? extends @Nullable T> create,
        @Nullable Consumer<? super T> reset,
        Consumer<? super T> dispose,
        int maxSize,
        LongSupplier nanoClock,
        @Nullable LeakTracker leakTracker) {}
