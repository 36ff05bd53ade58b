package io.millio.pool;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A lease of a buffer of a {@link BufferPool}, which may be used until this is closed.
 *
 * <p>Each buffer has four leases in turn, as in {@link Lease}, and each of these has a {@link ByteBuffer} of its own
 * over the same memory. Closing sets its limit to 0: using it by mistake afterwards throws a
 * {@code BufferOverflowException} or the like, until that lease is given out again. It does not protect from a
 * {@code clear()} after the close, nor from slices and duplicates made before: those reach memory that belongs to
 * another holder.
 *
 * <p>The lease must be kept as long as the buffer is used: with leak tracking, a lease that becomes unreachable counts
 * as leaked.
 *
 * <p>Any thread, one at a time; the thread that closes need not be the one that acquired.
 */
public final class BufferLease extends PoolHandle<ByteBuffer> implements AutoCloseable {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    // The entry's owner writes it, see PoolEntry.
    private ByteBuffer view;

    BufferLease(PoolEntry<ByteBuffer> entry) {
        super(entry);
        view = Objects.requireNonNull(entry.object).duplicate();
    }

    /** Resets all of the buffer but its content. */
    void open() {
        view.clear().order(ByteOrder.BIG_ENDIAN);
    }

    @Override
    void dropObject() {
        view = NONE; // a cache may list the entry for long, and would keep the memory
    }

    /**
     * The leased buffer, the same at each call: direct, at first with position 0, big-endian, and with its limit at its
     * capacity, which may be more than was asked for. Its content is what the last holder left. O(1).
     *
     * @throws IllegalStateException if the lease is closed
     */
    public ByteBuffer buffer() {
        requireHeld();
        return view;
    }

    /**
     * Returns the buffer to the pool. O(1).
     *
     * @throws IllegalStateException if the lease is closed already
     */
    @Override
    public void close() {
        requireHeld();
        // Before it is given back, as afterwards this may be another's lease.
        view.limit(0);
        giveBack();
    }
}
