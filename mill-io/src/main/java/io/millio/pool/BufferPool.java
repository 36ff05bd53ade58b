package io.millio.pool;

import io.millio.internal.Arguments;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool of direct buffers, bounded by the bytes they take.
 *
 * <p>Made by a builder:
 *
 * <pre>{@code
 * BufferPool buffers = BufferPool.builder().maxBytes(65_536).maxTotalBytes(16 << 20).build();
 * try (BufferLease lease = buffers.acquire(10_000)) {
 *     channel.read(lease.buffer()); // 16,384 bytes of room
 * }
 * }</pre>
 *
 * <p>Buffers come in powers of two; a request gets the smallest that is large enough, all of it. When the bound is
 * reached, idle buffers of other sizes are dropped, the largest first; when there are none left, the request is
 * refused. It never waits.
 *
 * <p>The bound is on what the pool has, leased and idle. A buffer that was dropped (for another size, by a trim, after
 * a close) gives its memory back to the system only when the garbage collector finds it unreachable; until then it
 * counts for {@code -XX:MaxDirectMemorySize}, though no longer for the pool. A program whose sizes change all the time
 * thus needs more direct memory than the bound. If the system has no direct memory left, the {@link OutOfMemoryError}
 * goes to the caller.
 *
 * <p>Content is not cleared: a buffer has what its last holder left.
 *
 * <p>Any thread, with the costs of {@link ObjectPool}: each size is a pool like that. Whether a request is refused is
 * exact as long as no other is at work at the same time; otherwise one may be refused though a buffer came back during
 * the call.
 */
public final class BufferPool implements AutoCloseable {
    private final String name;
    private final int minShift;
    private final int maxBytes;
    private final long maxTotalBytes;
    private final long idleNanos;

    // Atomic: reserved before a buffer is made, freed after it was dropped.
    private final AtomicLong heldBytes = new AtomicLong();

    /** By size, the smallest first. */
    private final List<PoolCore<ByteBuffer, BufferLease>> classes = new ArrayList<>();

    BufferPool(
            String name,
            int minBytes,
            int maxBytes,
            long maxTotalBytes,
            long idleNanos,
            LongSupplier nanoClock,
            @Nullable LeakTracker leakTracker) {
        this.name = name;
        this.maxBytes = maxBytes;
        this.maxTotalBytes = maxTotalBytes;
        this.idleNanos = idleNanos;
        minShift = Integer.numberOfTrailingZeros(minBytes);
        for (int shift = minShift; 1 << shift <= maxBytes && shift < Integer.SIZE - 1; shift++) {
            int bytes = 1 << shift;
            PoolSettings<ByteBuffer> settings = new PoolSettings<>(
                    name,
                    () -> allocate(bytes),
                    null,
                    buffer -> heldBytes.addAndGet(-bytes),
                    Integer.MAX_VALUE,
                    nanoClock,
                    leakTracker);
            classes.add(new PoolCore<>(settings, BufferLease::new));
        }
    }

    /** Starts to make a pool. */
    public static BufferPoolBuilder builder() {
        return new BufferPoolBuilder();
    }

    /** The pool's name, as errors and leak reports tell it. */
    public String name() {
        return name;
    }

    /** The largest request that it takes, in bytes. */
    public int maxBytes() {
        return maxBytes;
    }

    /**
     * Leases a buffer.
     *
     * @param bytes how large at least, from 1 to the builder's {@code maxBytes}
     * @throws IllegalArgumentException if the size is not in this range
     * @throws PoolExhaustedException if the bound is reached
     * @throws IllegalStateException if the pool is closed
     */
    public BufferLease acquire(int bytes) {
        BufferLease lease = tryAcquire(bytes);
        if (lease == null) {
            long leasedBytes = leasedBytes();
            throw new PoolExhaustedException(
                    "pool " + name + " is exhausted: " + bytes + " bytes were asked for, " + leasedBytes
                            + " of at most " + maxTotalBytes + " are leased",
                    maxTotalBytes,
                    leasedBytes);
        }
        return lease;
    }

    /**
     * Leases a buffer, or returns null if the bound is reached.
     *
     * @param bytes how large at least, from 1 to the builder's {@code maxBytes}
     * @throws IllegalArgumentException if the size is not in this range
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable BufferLease tryAcquire(int bytes) {
        if (bytes < 1 || bytes > maxBytes) {
            throw new IllegalArgumentException("bytes: " + bytes + ", must be from 1 to " + maxBytes);
        }
        int sizeClass = Math.max(Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1) - minShift, 0);
        BufferLease lease = classes.get(sizeClass).take();
        if (lease == null) {
            lease = tryAcquireSlowly(sizeClass);
        }
        return lease == null ? null : lease.open();
    }

    private @Nullable BufferLease tryAcquireSlowly(int sizeClass) {
        PoolCore<ByteBuffer, BufferLease> core = classes.get(sizeClass);
        while (true) {
            BufferLease lease = core.takeNew();
            if (lease == null) {
                lease = core.steal();
            }
            if (lease != null) {
                return lease;
            }
            if (!dropOther(sizeClass)) {
                core.countExhausted();
                return null;
            }
        }
    }

    /** Makes a buffer, if its bytes can be reserved. */
    private @Nullable ByteBuffer allocate(int bytes) {
        if (!reserve(bytes)) {
            return null;
        }
        ByteBuffer buffer = null;
        try {
            buffer = ByteBuffer.allocateDirect(bytes);
        } finally {
            if (buffer == null) {
                heldBytes.addAndGet(-bytes);
            }
        }
        return buffer;
    }

    private boolean reserve(long bytes) {
        while (true) {
            long held = heldBytes.get();
            if (held + bytes > maxTotalBytes) {
                return false;
            }
            if (heldBytes.compareAndSet(held, held + bytes)) {
                return true;
            }
        }
    }

    private boolean dropOther(int sizeClass) {
        for (int other = classes.size() - 1; other >= 0; other--) {
            if (other != sizeClass && classes.get(other).trim(0, 0, 1) > 0) {
                return true;
            }
        }
        return false;
    }

    private long bytesOf(int sizeClass) {
        return 1L << (minShift + sizeClass);
    }

    /**
     * Closes a lease that must be one of this pool, as {@link BufferLease#close} does.
     *
     * @throws IllegalArgumentException if it is another pool's, to which it stays leased
     * @throws IllegalStateException if it is closed already
     */
    public void release(BufferLease lease) {
        if (!classes.contains(lease.entry.core)) {
            throw new IllegalArgumentException(
                    "lease: of pool " + lease.entry.core.name() + ", was given back to pool " + name);
        }
        lease.close();
    }

    /**
     * Drops buffers that have been idle for the builder's {@code idleTime}; as {@link #trim(long)}.
     *
     * @return how many
     */
    public int trim() {
        return trim(idleNanos);
    }

    /**
     * Drops buffers that have been idle for some time, counted as {@link ObjectPool#trim(long)} does. O(buffers).
     *
     * @param idleNanos how long, in nanoseconds; 0 drops all that are idle, at once
     * @return how many
     * @throws IllegalArgumentException if the time is negative
     */
    public int trim(long idleNanos) {
        Arguments.atLeast(0, idleNanos, "idleNanos");
        int dropped = 0;
        for (PoolCore<ByteBuffer, BufferLease> core : classes) {
            dropped += core.trim(idleNanos, 0, Integer.MAX_VALUE);
        }
        return dropped;
    }

    private long leasedBytes() {
        long sum = 0;
        for (int i = 0; i < classes.size(); i++) {
            sum += classes.get(i).stats().leased() * bytesOf(i);
        }
        return sum;
    }

    /** What the pool has and has done. O(sizes * threads that use them). */
    public BufferPoolStats stats() {
        PoolStats sum = new PoolStats(0, 0, 0, 0, 0, 0, 0, 0);
        for (PoolCore<ByteBuffer, BufferLease> core : classes) {
            sum = sum.plus(core.stats());
        }
        return new BufferPoolStats(heldBytes.get(), maxTotalBytes, leasedBytes(), sum);
    }

    /**
     * Closes the pool: idle buffers are dropped now, leased ones when they come back. Further requests are an
     * {@link IllegalStateException}. Closing twice is fine. O(buffers).
     */
    @Override
    public void close() {
        for (PoolCore<ByteBuffer, BufferLease> core : classes) {
            core.close();
        }
    }
}
