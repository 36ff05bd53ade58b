package io.millio.pool;

import io.millio.internal.Arguments;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an {@link ObjectPool}: each but the first has a default, and is checked when it is given. One thread at a
 * time; may be used for several pools.
 *
 * @param <T> what is pooled
 */
public final class ObjectPoolBuilder<T> extends PoolBuilder<ObjectPoolBuilder<T>> {
    private final Supplier<? extends T> create;
    private @Nullable Consumer<? super T> reset;
    private @Nullable Consumer<? super T> dispose;
    private int maxSize = 1024;
    private int minIdle;

    ObjectPoolBuilder(Supplier<? extends T> create) {
        this.create = create;
    }

    @Override
    ObjectPoolBuilder<T> self() {
        return this;
    }

    /**
     * Sets the action that resets an object, on the thread that releases it, before another can take it. If it throws,
     * the object is disposed of and its place is free; the releasing call throws the exception. Default: nothing, which
     * is faster.
     */
    public ObjectPoolBuilder<T> reset(Consumer<? super T> reset) {
        this.reset = Objects.requireNonNull(reset, "reset");
        return this;
    }

    /**
     * Sets the action that runs once for each object that leaves the pool, on the thread that trims, closes or
     * releases, or for a leaked one on the cleaner's. Its place is free afterwards, even if it throws. Default:
     * nothing.
     */
    public ObjectPoolBuilder<T> dispose(Consumer<? super T> dispose) {
        this.dispose = Objects.requireNonNull(dispose, "dispose");
        return this;
    }

    /** Sets the maximum number of objects, leased and idle, at least 1. Default 1,024. */
    public ObjectPoolBuilder<T> maxSize(int maxSize) {
        this.maxSize = Arguments.atLeast(1, maxSize, "maxSize");
        return this;
    }

    /** Sets how many idle objects a trim keeps, from 0 to {@code maxSize}; none is created in advance. Default 0. */
    public ObjectPoolBuilder<T> minIdle(int minIdle) {
        this.minIdle = Arguments.atLeast(0, minIdle, "minIdle");
        return this;
    }

    /**
     * Creates an empty pool.
     *
     * @throws IllegalArgumentException if {@code minIdle} is above {@code maxSize}
     */
    public ObjectPool<T> build() {
        if (minIdle > maxSize) {
            throw new IllegalArgumentException("minIdle: " + minIdle + ", must not be above maxSize: " + maxSize);
        }
        Supplier<? extends T> by = create;
        Supplier<T> checked = () -> Objects.requireNonNull(by.get(), "create gave null");
        return new ObjectPool<>(new PoolSettings<>(
                poolName("objects-"),
                checked,
                reset,
                dispose,
                Lease::new,
                maxSize,
                minIdle,
                idleNanos,
                nanoClock,
                leakTracker));
    }
}
