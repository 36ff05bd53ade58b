package io.millio.linux.sys;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Counts the uses of a descriptor, so that it goes back to the system when it has been closed and no call uses it any
 * more: its number may be another's the next moment. A superclass rather than a field, so that a connection is one
 * object less.
 *
 * <pre>
 *   31      30        0
 *   closed  how many use it
 * </pre>
 *
 * <p>Any thread. Each transition is one atomic step.
 */
public abstract class UseCount {
    private static final int CLOSED = 1 << 31;

    private static final AtomicIntegerFieldUpdater<UseCount> USES =
            AtomicIntegerFieldUpdater.newUpdater(UseCount.class, "uses");

    private volatile int uses;

    /** Enters a use, which the caller ends by {@link #leave}; returns false if it is closed: then there is no use. */
    public final boolean enter() {
        while (true) {
            int now = uses;
            if (now < 0) {
                return false;
            }
            if (USES.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
    }

    /** Ends a use; returns whether the caller must give the descriptor back, being the last after the close. */
    public final boolean leave() {
        return USES.getAndDecrement(this) == CLOSED + 1;
    }

    /**
     * Closes; returns whether this call did: then the caller uses it too, for the last time, and calls {@link #leave}.
     */
    public final boolean shut() {
        while (true) {
            int now = uses;
            if (now < 0) {
                return false;
            }
            if (USES.compareAndSet(this, now, (now + 1) | CLOSED)) {
                return true;
            }
        }
    }

    public final boolean isShut() {
        return uses < 0;
    }
}
