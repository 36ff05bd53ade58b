package io.millio.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Where the reads and the writes of one descriptor leave errno: a slot for each direction, since a reader and a writer may be at
 * it at the same time. A thread-local slot would have to be found at each call, and made for each virtual thread.
 *
 * <p>Slots are cut from blocks that are never given back, and used again by others when their descriptor has been closed, that is
 * after the last call on it. Those of two descriptors are on different cache lines: threads may be at both.
 */
final class ErrnoSlots {
    private static final int LINE_BYTES = 64;
    private static final int PER_BLOCK = 64;

    // Guarded by itself; used once a connection.
    private static final ArrayDeque<ErrnoSlots> FREE = new ArrayDeque<>();

    final MemorySegment reading;
    final MemorySegment writing;

    private ErrnoSlots(MemorySegment line) {
        this.reading = line.asSlice(0, Libc.ERRNO_BYTES);
        this.writing = line.asSlice(LINE_BYTES / 2, Libc.ERRNO_BYTES);
    }

    static ErrnoSlots take() {
        synchronized (FREE) {
            ErrnoSlots free = FREE.pollLast();
            if (free != null) {
                return free;
            }
            MemorySegment block = Arena.global().allocate((long) PER_BLOCK * LINE_BYTES, LINE_BYTES);
            for (int i = 1; i < PER_BLOCK; i++) {
                FREE.addLast(new ErrnoSlots(block.asSlice((long) i * LINE_BYTES, LINE_BYTES)));
            }
            return new ErrnoSlots(block.asSlice(0, LINE_BYTES));
        }
    }

    void giveBack() {
        synchronized (FREE) {
            FREE.addLast(this);
        }
    }
}
