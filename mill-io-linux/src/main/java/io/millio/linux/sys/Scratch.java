package io.millio.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for one call: its errno, a socket address, the value of an option, and room for bytes that have to be
 * copied. Taken for the time of the call. A platform thread has one of its own, for the call that is no part of
 * another; all other calls take one from a small stock that all threads share, or make one where that is empty: there
 * may be as many virtual threads as connections.
 */
public final class Scratch implements AutoCloseable {
    /** Room for bytes: enough for any datagram. */
    public static final int BYTES = 64 * 1024;

    /** How many vectors there is room for. */
    public static final int VECTORS = 64;

    /** With the zero at its end (PATH_MAX). */
    private static final int MAX_PATH_BYTES = 4096;

    private static final int LENGTH_AT = 16;
    private static final int ADDRESS_AT = 32;
    private static final int VALUE_AT = 192;
    private static final int VALUE_BYTES = 64;
    private static final int VECTORS_AT = 256;
    private static final int SIZE = VECTORS_AT + VECTORS * Layouts.IOVEC_SIZE;

    /** No other thread writes there. */
    private static final int CACHE_LINE_BYTES = 64;

    private static final int STOCK = 16;

    private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(() -> new Scratch(true));

    // Each is taken out and put back by one atomic step.
    private static final AtomicReferenceArray<@Nullable Scratch> STOCKED = new AtomicReferenceArray<>(STOCK);

    private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, CACHE_LINE_BYTES);
    public final MemorySegment errno = memory.asSlice(0, Function.ERRNO_BYTES);

    /** A {@code socklen_t}. */
    public final MemorySegment length = memory.asSlice(LENGTH_AT, 4);

    /** A {@code sockaddr}. */
    public final MemorySegment address = memory.asSlice(ADDRESS_AT, VALUE_AT - ADDRESS_AT);

    public final MemorySegment value = memory.asSlice(VALUE_AT, VALUE_BYTES);

    /** An array of {@code iovec}. */
    public final MemorySegment vectors = memory.asSlice(VECTORS_AT, (long) VECTORS * Layouts.IOVEC_SIZE);

    /** The buffers whose memory the vectors point to, null behind them. */
    public final @Nullable ByteBuffer[] gathered = new ByteBuffer[VECTORS];

    // Made when it is first needed: most calls do without.
    private @Nullable ByteBuffer bytes;
    private long bytesAddress;

    // Of a platform thread's own one, which no other thread ever has: whether a call of the thread uses it.
    private final boolean own;
    private boolean taken;

    private Scratch(boolean own) {
        this.own = own;
    }

    /** The caller closes it, and uses it no more then. */
    public static Scratch take() {
        Thread thread = Thread.currentThread();
        if (!thread.isVirtual()) {
            Scratch mine = OWN.get();
            if (!mine.taken) {
                mine.taken = true;
                return mine;
            }
        }
        int start = (int) thread.threadId();
        for (int i = 0; i < STOCK; i++) {
            Scratch stocked = STOCKED.getAndSet((start + i) & (STOCK - 1), null);
            if (stocked != null) {
                return stocked;
            }
        }
        return new Scratch(false);
    }

    /** Room for {@link #BYTES} bytes. */
    public ByteBuffer bytes() {
        ByteBuffer made = bytes;
        if (made == null) {
            MemorySegment segment = Arena.ofAuto().allocate(BYTES, 16);
            made = segment.asByteBuffer();
            bytesAddress = segment.address();
            bytes = made;
        }
        return made;
    }

    /** Writes the name of a file to the bytes; returns whether it is no longer than the system takes. */
    public boolean putPath(Path name) {
        byte[] encoded = FileNames.bytes(name);
        if (encoded.length >= MAX_PATH_BYTES) {
            return false;
        }
        bytes().clear().put(encoded).put((byte) 0);
        return true;
    }

    public long bytesAddress() {
        bytes();
        return bytesAddress;
    }

    /** Puts it back, or leaves it to the garbage collector when there are enough. */
    @Override
    public void close() {
        if (own) {
            taken = false;
            return;
        }
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < STOCK; i++) {
            if (STOCKED.compareAndSet((start + i) & (STOCK - 1), null, this)) {
                return;
            }
        }
    }
}
