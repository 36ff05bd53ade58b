package io.millio.pool;

import io.millio.internal.Arguments;

/**
 * Settings of a {@link BufferPool}: each has a default, and is checked when it is given. One thread at a time; may be
 * used for several pools.
 */
public final class BufferPoolBuilder extends PoolBuilder<BufferPoolBuilder> {
    int minBytes = 512;
    int maxBytes = 1 << 20;
    long maxTotalBytes = 64L << 20;

    BufferPoolBuilder() {}

    @Override
    BufferPoolBuilder self() {
        return this;
    }

    /** Sets the capacity of the smallest buffers, in bytes, a power of two. Default 512. */
    public BufferPoolBuilder minBytes(int minBytes) {
        this.minBytes = powerOfTwo(minBytes, "minBytes");
        return this;
    }

    /** Sets the capacity of the largest buffers, in bytes, a power of two. Default 1 MiB. */
    public BufferPoolBuilder maxBytes(int maxBytes) {
        this.maxBytes = powerOfTwo(maxBytes, "maxBytes");
        return this;
    }

    /** Sets the maximum bytes of all buffers, leased and idle, at least {@code maxBytes}. Default 64 MiB. */
    public BufferPoolBuilder maxTotalBytes(long maxTotalBytes) {
        this.maxTotalBytes = Arguments.atLeast(1, maxTotalBytes, "maxTotalBytes");
        return this;
    }

    /**
     * Creates an empty pool.
     *
     * @throws IllegalArgumentException if {@code minBytes} is above {@code maxBytes}, or that above
     *     {@code maxTotalBytes}
     */
    public BufferPool build() {
        if (minBytes > maxBytes) {
            throw Arguments.refused("minBytes", minBytes, "must not be above maxBytes: " + maxBytes);
        }
        if (maxBytes > maxTotalBytes) {
            throw Arguments.refused("maxBytes", maxBytes, "must not be above maxTotalBytes: " + maxTotalBytes);
        }
        return new BufferPool(this);
    }

    private static int powerOfTwo(int value, String argument) {
        if (value < 1 || Integer.bitCount(value) != 1) {
            throw Arguments.refused(argument, value, "must be a power of two");
        }
        return value;
    }
}
