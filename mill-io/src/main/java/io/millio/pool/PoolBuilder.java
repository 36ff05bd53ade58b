package io.millio.pool;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The settings common to both kinds of pools. One thread at a time. */
abstract sealed class PoolBuilder<B extends PoolBuilder<B>> permits ObjectPoolBuilder, BufferPoolBuilder {
    private static final AtomicInteger NEXT_POOL = new AtomicInteger(1);

    long idleNanos = 60_000_000_000L;
    LongSupplier nanoClock = System::nanoTime;

    @Nullable
    LeakTracker leakTracker;

    private @Nullable String name;

    abstract B self();

    /** Sets how long objects are idle before {@code trim()} disposes of them. Default one minute. */
    public B idleTime(Duration idleTime) {
        idleNanos = Arguments.nanos(idleTime, "idleTime");
        return self();
    }

    /**
     * Sets the clock: nanoseconds since an arbitrary moment. Not read while objects are idle. Default
     * {@link System#nanoTime}.
     */
    public B nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return self();
    }

    /**
     * Watches every n-th lease: if it becomes unreachable without being closed, the listener gets a report of where it
     * was taken, once the garbage collector has noticed. The object is disposed of, not given to others, as its former
     * holder may still refer to it; its place is free again. A watched lease is a fresh object with a stack trace.
     * Default: no lease is watched.
     *
     * @param everyNth watch one lease of this many, at least 1: all
     * @param listener called on a thread shared by all pools, so it must not block; what it throws is lost
     */
    public B trackLeaks(int everyNth, Consumer<? super LeakReport> listener) {
        leakTracker = new LeakTracker(
                Arguments.atLeast(1, everyNth, "everyNth"), Objects.requireNonNull(listener, "listener"));
        return self();
    }

    /** Sets the pool's name in errors and reports. Default {@code objects-1} or {@code buffers-1}, and so on. */
    public B name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return self();
    }

    String poolName(String prefix) {
        return name == null ? prefix + NEXT_POOL.getAndIncrement() : name;
    }
}
