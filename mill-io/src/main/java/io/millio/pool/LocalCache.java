package io.millio.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The idle entries that one platform thread has at hand, last in, first out, and what it has counted.
 *
 * <p>A slot is a hint: others may steal or trim the entry, then claiming it fails and the slot is dropped.
 *
 * <p>Owner thread only, save the counters, which any thread may read, and what the depot does with a dead thread's.
 */
final class LocalCache<T> {
    static final int CAPACITY = 32;

    private static final VarHandle ACQUIRED;
    private static final VarHandle RELEASED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ACQUIRED = lookup.findVarHandle(LocalCache.class, "acquired", long.class);
            RELEASED = lookup.findVarHandle(LocalCache.class, "released", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Weak, as the pool outlives threads.
    private final WeakReference<Thread> owner;

    // Owner thread only.
    private final @Nullable PoolEntry<T>[] slots;

    // Owner thread only.
    private int size;

    // Written by the owner with release, read by the depot with acquire: it follows what it counts.
    private long acquired;

    // As acquired; the owner's next acquire follows it.
    private long released;

    @SuppressWarnings("unchecked")
    LocalCache(Thread owner) {
        this.owner = new WeakReference<>(owner);
        slots = (PoolEntry<T>[]) new PoolEntry<?>[CAPACITY];
    }

    boolean isCurrentThreads() {
        return owner.refersTo(Thread.currentThread());
    }

    boolean isOwnerDead() {
        Thread thread = owner.get();
        return thread == null || !thread.isAlive();
    }

    /** Takes the entry last put here that is still to be had. */
    @Nullable
    PoolEntry<T> take() {
        for (PoolEntry<T> entry; (entry = pop()) != null; ) {
            if (entry.claim(PoolEntry.IDLE_LOCAL)) {
                countAcquired();
                return entry;
            }
        }
        return null;
    }

    @Nullable
    PoolEntry<T> pop() {
        if (size == 0) {
            return null;
        }
        // The slot keeps its entry, to which it is likely to come back: most stores of references are saved so, and
        // with them the collector's barriers. An entry that is gone keeps no object.
        return slots[--size];
    }

    /** Puts a hint to an entry here; returns false, and does nothing, if there is no room. */
    boolean push(PoolEntry<T> entry) {
        if (size == CAPACITY) {
            return false;
        }
        if (slots[size] != entry) {
            slots[size] = entry;
        }
        size++;
        return true;
    }

    int size() {
        return size;
    }

    /** The entry that has been here for the i-th longest time. */
    @Nullable
    PoolEntry<T> oldest(int i) {
        return slots[i];
    }

    void dropOldest(int count) {
        int left = size - count;
        System.arraycopy(slots, count, slots, 0, left);
        Arrays.fill(slots, left, size, null);
        size = left;
    }

    void countAcquired() {
        ACQUIRED.setRelease(this, acquired + 1);
    }

    void countReleased() {
        RELEASED.setRelease(this, released + 1);
    }

    long acquired() {
        return (long) ACQUIRED.getAcquire(this);
    }

    long released() {
        return (long) RELEASED.getAcquire(this);
    }
}
