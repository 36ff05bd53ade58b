package io.millio.pool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * What a lease of either pool is: a way to an entry, good as long as the entry is in the state the handle remembers.
 *
 * <p>Any thread, one at a time; two that close it at once are told apart.
 */
abstract sealed class PoolHandle<T> permits Lease, BufferLease {
    final PoolEntry<T> entry;

    /** The entry's state in the lease this handle was last given out for. Written by the one who takes the lease. */
    long held;

    /** Set once, before the handle is given out; null for the handles that an entry keeps. */
    Cleaner.@Nullable Cleanable tracked;

    PoolHandle(PoolEntry<T> entry) {
        this.entry = entry;
    }

    final T object() {
        T object = entry.isHeld(held) ? entry.object() : null;
        if (object == null) {
            throw notHeld();
        }
        return object;
    }

    final void requireHeld() {
        if (!entry.isHeld(held)) {
            throw notHeld();
        }
    }

    final void giveBack() {
        Cleaner.Cleanable watch = tracked;
        if (watch == null) {
            entry.core.giveBack(entry, held);
        } else {
            giveBackTracked(watch);
        }
    }

    private void giveBackTracked(Cleaner.Cleanable watch) {
        try {
            entry.core.giveBack(entry, held);
        } finally {
            // Finds the lease ended and does nothing, but must not come before, though this object is not used any
            // more.
            watch.clean();
            Reference.reachabilityFence(this);
        }
    }

    private IllegalStateException notHeld() {
        return new IllegalStateException("this lease of pool " + entry.core.name() + " has been given back already");
    }
}
