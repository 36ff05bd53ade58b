package io.millio.pool;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The entries that one platform thread gave back last, last in, first out.
 *
 * <p>A slot is a hint: others may take the entry, then claiming it fails and the slot is dropped.
 *
 * <p>Owner thread only, except for a dead owner's, which the depot takes over.
 */
final class LocalCache<T> {
    static final int CAPACITY = 32;

    final Thread owner;
    private final boolean plain;

    // Owner thread only.
    private final @Nullable PoolEntry<T>[] slots;

    // Owner thread only.
    private int size;

    /**
     * Creates an empty cache.
     *
     * @param plain whether giving back is no more than {@link #giveBack}: no reset, and see {@link PoolEntry#end}
     */
    @SuppressWarnings("unchecked")
    LocalCache(Thread owner, boolean plain) {
        this.owner = owner;
        this.plain = plain;
        slots = (PoolEntry<T>[]) new PoolEntry<?>[CAPACITY];
    }

    /** Leases the entry last put here that is still idle; null if there is none. */
    @Nullable
    PoolHandle<T> take() {
        while (size > 0) {
            // The slot keeps its entry, to which it is likely to come back: that saves most stores of references, and
            // with them the collector's barriers. An entry that is gone keeps no object.
            PoolEntry<T> entry = slots[--size];
            PoolHandle<T> handle = entry == null ? null : entry.claim(this);
            if (handle != null) {
                return handle;
            }
        }
        return null;
    }

    /** Ends a lease and keeps its entry; false if this is not the way for it, or the lease has ended already. */
    boolean giveBack(PoolEntry<T> entry, long held) {
        if (!plain || owner != Thread.currentThread() || size == CAPACITY || !entry.end(held)) {
            return false;
        }
        push(entry);
        return true;
    }

    /** Adds a hint to an entry; there must be room. */
    void push(PoolEntry<T> entry) {
        if (slots[size] != entry) {
            slots[size] = entry;
        }
        size++;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    /** Moves the oldest hints, at most so many, to the depot's shelf. Under the depot's lock. */
    void spill(int count, Depot<T> to) {
        int moved = Math.min(count, size);
        for (int i = 0; i < moved; i++) {
            to.shelve(Objects.requireNonNull(slots[i]));
        }
        System.arraycopy(slots, moved, slots, 0, size - moved);
        Arrays.fill(slots, size - moved, size, null);
        size -= moved;
    }
}
