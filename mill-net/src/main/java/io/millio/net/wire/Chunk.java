package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.pool.BufferLease;
import io.millio.pool.BufferPool;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait: a buffer, leased or of the heap, whose capacity is counted in an account until it is released. From
 * position to limit is what waits, beyond the limit is room. One thread at a time.
 */
public final class Chunk {
    /** Where buffers come from when the program names no pool. */
    private static final long MAX_SHARED_BYTES = 64L << 20;

    private static final long MIN_SHARED_BYTES = 1L << 20;

    /** The JVM's limit of direct memory is the heap's, unless set: most of that is left to others. */
    public static final BufferPool SHARED = BufferPool.builder()
            .name("millio-net")
            .maxTotalBytes(Math.max(
                    MIN_SHARED_BYTES,
                    Math.min(MAX_SHARED_BYTES, Runtime.getRuntime().maxMemory() / 4)))
            .build();

    private static final int MIN_BYTES = 512;

    public final ByteBuffer buffer;
    private final @Nullable BufferLease lease;
    private @Nullable MemoryAccount account; // null: released

    // How many of the bytes a decoder has searched: see FrameScan.
    int searchedBytes;

    @Nullable
    Object searchedBy;

    private Chunk(ByteBuffer buffer, @Nullable BufferLease lease) {
        this.buffer = buffer;
        this.lease = lease;
    }

    private Chunk countedIn(MemoryAccount of) {
        of.hold(buffer.capacity());
        account = of;
        return this;
    }

    /**
     * An empty one with room for so many bytes at least. What the pool refuses is of the heap: the bytes are there,
     * somewhere.
     */
    public static Chunk ofSize(int bytes, BufferPool pool, MemoryAccount account) {
        int size = Math.max(bytes, MIN_BYTES);
        BufferLease leased = size <= pool.maxBytes() ? pool.tryAcquireQuickly(size) : null;
        Chunk made = null;
        try {
            made = new Chunk((leased == null ? ByteBuffer.allocate(size) : leased.buffer()).limit(0), leased)
                    .countedIn(account);
            return made;
        } finally {
            if (made == null && leased != null) {
                leased.close();
            }
        }
    }

    /** One with the bytes that remain in a buffer, which are taken from it; null if there are none. */
    public static @Nullable Chunk of(ByteBuffer bytes, BufferPool pool, MemoryAccount account) {
        if (!bytes.hasRemaining()) {
            return null;
        }
        return copyOf(bytes, pool, account);
    }

    /** One with the bytes that remain in a buffer, perhaps none, which are taken from it. */
    public static Chunk copyOf(ByteBuffer bytes, BufferPool pool, MemoryAccount account) {
        return copyOf(bytes, bytes.remaining(), pool, account);
    }

    public int size() {
        return buffer.remaining();
    }

    public int room() {
        return buffer.capacity() - buffer.limit();
    }

    /** Moves as many bytes as there is room for from a buffer to the end. */
    public void append(ByteBuffer from) {
        int end = buffer.limit();
        int count = Math.min(buffer.capacity() - end, from.remaining());
        boolean done = false;
        buffer.limit(end + count);
        try {
            buffer.put(end, from, from.position(), count);
            done = true;
        } finally {
            if (!done) {
                buffer.limit(end);
            }
        }
        from.position(from.position() + count);
    }

    /** Returns a chunk of a size that begins with these bytes. */
    private static Chunk copyOf(ByteBuffer from, int size, BufferPool pool, MemoryAccount account) {
        Chunk chunk = ofSize(size, pool, account);
        boolean done = false;
        try {
            chunk.append(from);
            done = true;
            return chunk;
        } finally {
            if (!done) {
                chunk.release();
            }
        }
    }

    /** Returns a chunk with the same bytes, and room for as many and some more behind them; releases this one. */
    public Chunk enlarged(int more, BufferPool pool) {
        Chunk larger = copyOf(buffer, 2 * size() + more, pool, Objects.requireNonNull(account));
        larger.searchedBytes = searchedBytes;
        larger.searchedBy = searchedBy;
        release();
        return larger;
    }

    /** Gives the buffer back; a second call counts nothing. */
    public void release() {
        MemoryAccount counted = account;
        try {
            if (counted != null) {
                counted.free(buffer.capacity());
                account = null;
            }
        } finally {
            if (lease != null) {
                lease.close();
            }
        }
    }

    /** Releases a chunk if there is one. */
    public static void releaseIfAny(@Nullable Chunk chunk) {
        if (chunk != null) {
            chunk.release();
        }
    }
}
