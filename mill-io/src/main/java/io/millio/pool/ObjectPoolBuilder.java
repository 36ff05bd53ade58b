package io.millio.pool;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an {@link ObjectPool}: each but the first has a default, and is checked when it is given. One thread at a
 * time; may be used for several pools.
 *
 * @param <T> what is pooled
 */
public final class ObjectPoolBuilder<T> {
    private static final AtomicInteger NEXT_POOL = new AtomicInteger(1);

    private final Supplier<? extends T> create;
    private @Nullable Consumer<? super T> reset;
    private Consumer<? super T> dispose = object -> {};
    private int maxSize = 1024;
    private int minIdle;
    private long idleNanos = 60_000_000_000L;
    private LongSupplier nanoClock = System::nanoTime;
    private int trackEveryNth = 1;
    private @Nullable Consumer<? super LeakReport> leakListener;
    private @Nullable String name;

    ObjectPoolBuilder(Supplier<? extends T> create) {
        this.create = create;
    }

    /**
     * Runs on the thread that gives an object back, before another can take it. If it throws, the object is disposed of
     * and its place is free; the giver gets the exception. Default: nothing, which is faster.
     */
    public ObjectPoolBuilder<T> reset(Consumer<? super T> reset) {
        this.reset = Objects.requireNonNull(reset, "reset");
        return this;
    }

    /**
     * Runs once for each object that leaves the pool, on the thread that trims, closes or gives back, or for a leaked
     * one on the cleaner's. Its place is free afterwards, even if it throws. Default: nothing.
     */
    public ObjectPoolBuilder<T> dispose(Consumer<? super T> dispose) {
        this.dispose = Objects.requireNonNull(dispose, "dispose");
        return this;
    }

    /** How many objects exist at most, at least 1. Default 1,024. */
    public ObjectPoolBuilder<T> maxSize(int maxSize) {
        this.maxSize = Arguments.atLeast(1, maxSize, "maxSize");
        return this;
    }

    /** How many idle objects a trim leaves at least, from 0 to {@code maxSize}; none is made beforehand. Default 0. */
    public ObjectPoolBuilder<T> minIdle(int minIdle) {
        this.minIdle = Arguments.atLeast(0, minIdle, "minIdle");
        return this;
    }

    /** How long objects are idle before {@link ObjectPool#trim()} drops them. Default one minute. */
    public ObjectPoolBuilder<T> idleTime(Duration idleTime) {
        this.idleNanos = Arguments.nanos(idleTime, "idleTime");
        return this;
    }

    /** The clock: nanoseconds since an arbitrary moment. Read by trims only. Default {@link System#nanoTime}. */
    public ObjectPoolBuilder<T> nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Watches every n-th lease: if it becomes unreachable without being closed, the listener is told where it was
     * taken, once the garbage collector has noticed. The object is disposed of, not given to others, as its former
     * holder may still refer to it; its place is free again. A watched lease is a fresh object with a stack trace.
     * Default: no lease is watched.
     *
     * @param everyNth watch one in so many leases, at least 1: all
     * @param listener called on a thread shared by all pools, so it must not block; what it throws is lost
     */
    public ObjectPoolBuilder<T> trackLeaks(int everyNth, Consumer<? super LeakReport> listener) {
        trackEveryNth = Arguments.atLeast(1, everyNth, "everyNth");
        leakListener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** The pool's name in errors and reports. Default {@code objects-1}, {@code objects-2} and so on. */
    public ObjectPoolBuilder<T> name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Makes a pool, which is empty.
     *
     * @throws IllegalArgumentException if {@code minIdle} is above {@code maxSize}
     */
    public ObjectPool<T> build() {
        if (minIdle > maxSize) {
            throw new IllegalArgumentException("minIdle: " + minIdle + ", must not be above maxSize: " + maxSize);
        }
        String poolName = name == null ? "objects-" + NEXT_POOL.getAndIncrement() : name;
        LeakTracker leakTracker = leakListener == null ? null : new LeakTracker(trackEveryNth, leakListener);
        Supplier<? extends T> by = create;
        Supplier<T> checked = () -> Objects.requireNonNull(by.get(), "create gave null");
        return new ObjectPool<>(
                new PoolSettings<>(poolName, checked, reset, dispose, maxSize, nanoClock, leakTracker),
                minIdle,
                idleNanos);
    }
}
