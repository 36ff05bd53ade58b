package io.millio.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for one call: its errno, a socket address, the value of an option, and room for bytes that have to be
 * copied. Taken for the time of the call from a small stock that all threads share; who finds none makes one.
 *
 * <p>Not one a thread: there may be as many virtual threads as connections.
 */
final class Scratch implements AutoCloseable {
    /** Room for bytes: enough for any datagram. */
    static final int BYTES = 64 * 1024;

    /** How many vectors there is room for. */
    static final int VECTORS = 64;

    private static final int LENGTH_AT = 16;
    private static final int ADDRESS_AT = 32;
    private static final int VALUE_AT = 192;
    private static final int VALUE_BYTES = 64;
    private static final int VECTORS_AT = 256;
    private static final int BYTES_AT = VECTORS_AT + VECTORS * Layouts.IOVEC_SIZE;

    private static final int STOCK = 16;

    // Each is taken out and put back by one atomic step.
    private static final AtomicReferenceArray<@Nullable Scratch> STOCKED = new AtomicReferenceArray<>(STOCK);

    private final MemorySegment memory = Arena.ofAuto().allocate(BYTES_AT + BYTES, 16);
    final MemorySegment errno = memory.asSlice(0, Libc.ERRNO_BYTES);

    /** A {@code socklen_t}. */
    final MemorySegment length = memory.asSlice(LENGTH_AT, 4);

    /** A {@code sockaddr}. */
    final MemorySegment address = memory.asSlice(ADDRESS_AT, VALUE_AT - ADDRESS_AT);

    final MemorySegment value = memory.asSlice(VALUE_AT, VALUE_BYTES);

    /** An array of {@code iovec}. */
    final MemorySegment vectors = memory.asSlice(VECTORS_AT, (long) VECTORS * Layouts.IOVEC_SIZE);

    final ByteBuffer bytes = memory.asSlice(BYTES_AT, BYTES).asByteBuffer();

    private Scratch() {}

    /** The caller closes it, and uses it no more then. */
    static Scratch take() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < STOCK; i++) {
            Scratch stocked = STOCKED.getAndSet((start + i) & (STOCK - 1), null);
            if (stocked != null) {
                return stocked;
            }
        }
        return new Scratch();
    }

    long bytesAddress() {
        return memory.address() + BYTES_AT;
    }

    /** Puts it back, or leaves it to the garbage collector when there are enough. */
    @Override
    public void close() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < STOCK; i++) {
            if (STOCKED.compareAndSet((start + i) & (STOCK - 1), null, this)) {
                return;
            }
        }
    }
}
