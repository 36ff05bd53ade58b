package io.millio.pool;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link BufferPool}: each has a default, and is checked when it is given. One thread at a time; may be
 * used for several pools.
 */
public final class BufferPoolBuilder {
    private static final AtomicInteger NEXT_POOL = new AtomicInteger(1);

    private int minBytes = 512;
    private int maxBytes = 1 << 20;
    private long maxTotalBytes = 64L << 20;
    private long idleNanos = 60_000_000_000L;
    private LongSupplier nanoClock = System::nanoTime;
    private int trackEveryNth = 1;
    private @Nullable Consumer<? super LeakReport> leakListener;
    private @Nullable String name;

    BufferPoolBuilder() {}

    /** The capacity of the smallest buffers, in bytes, a power of two. Default 512. */
    public BufferPoolBuilder minBytes(int minBytes) {
        this.minBytes = powerOfTwo(minBytes, "minBytes");
        return this;
    }

    /** The capacity of the largest buffers, in bytes, a power of two. Default 1 MiB. */
    public BufferPoolBuilder maxBytes(int maxBytes) {
        this.maxBytes = powerOfTwo(maxBytes, "maxBytes");
        return this;
    }

    /** How many bytes all buffers have at most, leased and idle, at least {@code maxBytes}. Default 64 MiB. */
    public BufferPoolBuilder maxTotalBytes(long maxTotalBytes) {
        if (maxTotalBytes < 1) {
            throw new IllegalArgumentException("maxTotalBytes: " + maxTotalBytes + ", must be at least 1");
        }
        this.maxTotalBytes = maxTotalBytes;
        return this;
    }

    /** How long buffers are idle before {@link BufferPool#trim()} drops them. Default one minute. */
    public BufferPoolBuilder idleTime(Duration idleTime) {
        this.idleNanos = Arguments.nanos(idleTime, "idleTime");
        return this;
    }

    /** The clock: nanoseconds since an arbitrary moment. Read by trims only. Default {@link System#nanoTime}. */
    public BufferPoolBuilder nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Watches every n-th lease, as {@link ObjectPoolBuilder#trackLeaks} does. The memory of a leaked buffer is free
     * when the last buffer over it is unreachable, too; its bytes count no more from the report on.
     *
     * @param everyNth watch one in so many leases, at least 1: all
     * @param listener called on a thread shared by all pools, so it must not block; what it throws is lost
     */
    public BufferPoolBuilder trackLeaks(int everyNth, Consumer<? super LeakReport> listener) {
        trackEveryNth = Arguments.atLeast(1, everyNth, "everyNth");
        leakListener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** The pool's name in errors and reports. Default {@code buffers-1}, {@code buffers-2} and so on. */
    public BufferPoolBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Makes a pool, which is empty.
     *
     * @throws IllegalArgumentException if {@code minBytes} is above {@code maxBytes}, or that above
     *     {@code maxTotalBytes}
     */
    public BufferPool build() {
        if (minBytes > maxBytes) {
            throw new IllegalArgumentException("minBytes: " + minBytes + ", must not be above maxBytes: " + maxBytes);
        }
        if (maxBytes > maxTotalBytes) {
            throw new IllegalArgumentException(
                    "maxBytes: " + maxBytes + ", must not be above maxTotalBytes: " + maxTotalBytes);
        }
        String poolName = name == null ? "buffers-" + NEXT_POOL.getAndIncrement() : name;
        LeakTracker leakTracker = leakListener == null ? null : new LeakTracker(trackEveryNth, leakListener);
        return new BufferPool(poolName, minBytes, maxBytes, maxTotalBytes, idleNanos, nanoClock, leakTracker);
    }

    private static int powerOfTwo(int value, String argument) {
        if (value < 1 || Integer.bitCount(value) != 1) {
            throw Arguments.refused(argument, value, "must be a power of two");
        }
        return value;
    }
}
