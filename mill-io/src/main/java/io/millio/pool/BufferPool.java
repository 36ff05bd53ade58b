package io.millio.pool;

import io.millio.internal.Arguments;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
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
 * thus needs more direct memory than the bound. When the system has no direct memory left, requests are refused as at
 * the bound, and for a second no more is asked for.
 *
 * <p>Content is not cleared: a buffer has what its last holder left.
 *
 * <p>Any thread, with the costs of {@link ObjectPool}: each size is a pool like that. Whether a request is refused is
 * exact as long as no other is at work at the same time; otherwise one may be refused though a buffer came back during
 * the call.
 */
public final class BufferPool implements AutoCloseable {
    /** After the system had no direct memory left, the pool asks for more at most this often, as that takes 0.5 s. */
    private static final long RETRY_NANOS = 1_000_000_000;

    private final String name;
    private final int minShift;
    private final int maxBytes;
    private final long maxTotalBytes;
    private final LongSupplier nanoClock;

    // Atomic: reserved before a buffer is made, freed after it was dropped.
    private final AtomicLong heldBytes = new AtomicLong();

    /** How often {@link #tryAcquireQuickly} looks for idle buffers everywhere, at most. */
    private static final long SEARCH_NANOS = 1_000_000;

    // Volatile, both: when the system refused direct memory last, and when idle buffers were searched; written by
    // any thread.
    private volatile long refusedNanos;
    private volatile long searchedNanos;

    /** By size, the smallest first. */
    private final List<ObjectPool<ByteBuffer>> classes = new ArrayList<>();

    BufferPool(BufferPoolBuilder builder) {
        name = builder.poolName("buffers-");
        maxBytes = builder.maxBytes;
        maxTotalBytes = builder.maxTotalBytes;
        nanoClock = builder.nanoClock;
        refusedNanos = nanoClock.getAsLong() - RETRY_NANOS;
        searchedNanos = nanoClock.getAsLong() - SEARCH_NANOS;
        minShift = Integer.numberOfTrailingZeros(builder.minBytes);
        for (int shift = minShift; 1 << shift <= maxBytes && shift < Integer.SIZE - 1; shift++) {
            int bytes = 1 << shift;
            classes.add(new ObjectPool<>(new PoolSettings<>(
                    name,
                    () -> allocate(bytes),
                    null,
                    buffer -> heldBytes.addAndGet(-bytes),
                    BufferLease::new,
                    Integer.MAX_VALUE,
                    0,
                    builder.idleNanos,
                    nanoClock,
                    builder.leakTracker)));
        }
    }

    /** Returns a builder with the default settings. */
    public static BufferPoolBuilder builder() {
        return new BufferPoolBuilder();
    }

    /** Returns the pool's name, which errors and leak reports contain. */
    public String name() {
        return name;
    }

    /** Returns the largest size that can be requested, in bytes. */
    public int maxBytes() {
        return maxBytes;
    }

    /**
     * Leases a buffer.
     *
     * @param bytes how large at least, from 1 to the builder's {@code maxBytes}
     * @throws IllegalArgumentException if the size is not in this range
     * @throws PoolExhaustedException if the bound is reached, or the system has no direct memory left
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
     * Leases a buffer, or returns null if the bound is reached or the system has no direct memory left.
     *
     * @param bytes how large at least, from 1 to the builder's {@code maxBytes}
     * @throws IllegalArgumentException if the size is not in this range
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable BufferLease tryAcquire(int bytes) {
        return tryAcquire(bytes, true);
    }

    /**
     * As {@link #tryAcquire}, for callers that have memory elsewhere: at the bound it looks for idle buffers in the
     * caches of other threads and of other sizes, which takes O(buffers), at most once a millisecond.
     *
     * @param bytes how large at least, from 1 to the builder's {@code maxBytes}
     * @throws IllegalArgumentException if the size is not in this range
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable BufferLease tryAcquireQuickly(int bytes) {
        return tryAcquire(bytes, false);
    }

    private @Nullable BufferLease tryAcquire(int bytes, boolean searches) {
        Arguments.between(1, bytes, maxBytes, "bytes");
        int sizeClass = Math.max(Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1) - minShift, 0);
        ObjectPool<ByteBuffer> pool = classes.get(sizeClass);
        PoolHandle<ByteBuffer> lease = pool.take();
        if (lease == null) {
            lease = searches || nanoClock.getAsLong() - searchedNanos >= SEARCH_NANOS
                    ? tryAcquireSlowly(pool)
                    : pool.takeNew();
        }
        if (lease == null) {
            return null;
        }
        boolean open = false;
        try {
            BufferLease opened = (BufferLease) lease;
            opened.open();
            open = true;
            return opened;
        } finally {
            if (!open) {
                lease.giveBack(); // no caller has it
            }
        }
    }

    private @Nullable PoolHandle<ByteBuffer> tryAcquireSlowly(ObjectPool<ByteBuffer> pool) {
        searchedNanos = nanoClock.getAsLong(); // first, as nothing may fail behind a lease
        PoolHandle<ByteBuffer> lease;
        do {
            lease = pool.takeNewOrSteal();
        } while (lease == null && dropOther(pool));
        if (lease == null) {
            pool.depot.countExhausted();
        }
        return lease;
    }

    /** Makes a buffer, if its bytes can be reserved and the system has them. */
    private @Nullable ByteBuffer allocate(int bytes) {
        if (nanoClock.getAsLong() - refusedNanos < RETRY_NANOS || !reserve(bytes)) {
            return null;
        }
        ByteBuffer buffer = null;
        try {
            buffer = ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) {
            if (!String.valueOf(e.getMessage()).contains("direct buffer memory")) {
                throw e;
            }
            refusedNanos = nanoClock.getAsLong();
        } finally {
            if (buffer == null) {
                heldBytes.addAndGet(-bytes);
            }
        }
        return buffer;
    }

    private boolean reserve(int bytes) {
        long most = maxTotalBytes - bytes;
        return heldBytes.getAndUpdate(held -> held <= most ? held + bytes : held) <= most;
    }

    /** Drops one idle buffer of another size, the largest first. */
    private boolean dropOther(ObjectPool<ByteBuffer> than) {
        for (int i = classes.size() - 1; i >= 0; i--) {
            if (classes.get(i) != than && classes.get(i).trim(0, 1) > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Drops buffers that have been idle for the builder's {@code idleTime}; as {@link #trim(long)}.
     *
     * @return how many
     */
    public int trim() {
        return classes.stream().mapToInt(ObjectPool::trim).sum();
    }

    /**
     * Drops buffers that have been idle for some time, counted as {@link ObjectPool#trim(long)} does. O(buffers).
     *
     * @param idleNanos how long, in nanoseconds; 0 drops all that are idle, at once
     * @return how many
     * @throws IllegalArgumentException if the time is negative
     */
    public int trim(long idleNanos) {
        return classes.stream().mapToInt(pool -> pool.trim(idleNanos)).sum();
    }

    /** Returns how many bytes the pool has, leased and idle. O(1). */
    public long heldBytes() {
        return heldBytes.get();
    }

    private long leasedBytes() {
        return IntStream.range(0, classes.size())
                .mapToLong(i -> (long) classes.get(i).stats().leased() << minShift + i)
                .sum();
    }

    /** Returns what the pool has and has done. O(buffers). */
    public BufferPoolStats stats() {
        PoolStats sum = new PoolStats(0, 0, 0, 0, 0, 0, 0, 0);
        for (ObjectPool<ByteBuffer> pool : classes) {
            sum = sum.plus(pool.stats());
        }
        return new BufferPoolStats(heldBytes.get(), maxTotalBytes, leasedBytes(), sum);
    }

    /**
     * Closes the pool: idle buffers are dropped now, leased ones when they come back. Later requests throw an
     * {@link IllegalStateException}. Closing twice has no effect. O(buffers).
     */
    @Override
    public void close() {
        classes.forEach(ObjectPool::close);
    }
}
