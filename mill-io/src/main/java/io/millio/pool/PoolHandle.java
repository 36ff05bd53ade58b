package io.millio.pool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * A lease of either pool: a reference to an entry that is valid as long as the entry is in the state {@link #held}.
 *
 * <p>Any thread, one at a time.
 */
abstract sealed class PoolHandle<T> permits Lease, BufferLease {
    final PoolEntry<T> entry;

    /** The entry's state in the lease this handle was last given out for. Written by the one who takes the lease. */
    long held;

    /** The cache of the thread that took the lease, null if it has none. Written by the thread that takes the lease. */
    @Nullable
    LocalCache<T> cache;

    /** Set once, before the handle is given out; null for the handles that an entry keeps. */
    Cleaner.@Nullable Cleanable tracked;

    PoolHandle(PoolEntry<T> entry) {
        this.entry = entry;
    }

    /** Drops what this has of the object, which has been disposed of. */
    void dropObject() {}

    final void requireHeld() {
        if (!entry.isHeld(held)) {
            throw new IllegalStateException("this lease of pool " + entry.pool.name() + " has been given back already");
        }
    }

    final void giveBack() {
        LocalCache<T> local = cache;
        if (local == null || !local.giveBack(entry, held)) {
            giveBackOtherwise();
        }
    }

    private void giveBackOtherwise() {
        try {
            entry.pool.giveBack(entry, held);
        } finally {
            if (tracked != null) {
                // Finds the lease ended and does nothing, but must not come before, though this object is not used any
                // more.
                tracked.clean();
                Reference.reachabilityFence(this);
            }
        }
    }
}
