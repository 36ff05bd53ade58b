package io.millio;

import io.millio.internal.Interleave;
import io.millio.internal.Persistently;
import io.millio.transport.Poller;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a loop is awake, or asleep until a time: so that of many submissions during one sleep only the first makes
 * the system call that wakes it, and none when it is awake.
 *
 * <p>The loop says that it will sleep, then looks at its queue once more, then polls. A submitter claims a place in the
 * queue, then looks at this word. All four steps are volatile, hence in one order for all: either the loop finds the
 * claim or the submitter finds the loop asleep.
 */
final class WakeWord {
    private static final long AWAKE = Long.MIN_VALUE;
    private static final VarHandle UNTIL_NANOS;

    static {
        try {
            UNTIL_NANOS = MethodHandles.lookup().findVarHandle(WakeWord.class, "untilNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Written by the loop; by others only from a time to AWAKE, by compare-and-set. Volatile: see above.
    private volatile long untilNanos = AWAKE;

    /** The loop is about to sleep until this time, unless it is woken. */
    void sleepUntil(long nanos) {
        untilNanos = nanos;
        Interleave.point();
    }

    /** The loop is awake. */
    void awake() {
        if (untilNanos != AWAKE) {
            untilNanos = AWAKE;
        }
    }

    /**
     * Returns whether the caller must wake the loop, as it would sleep past this time; true for only one of several
     * callers during one sleep.
     */
    boolean claimWakeUp(long neededByNanos) {
        long until = untilNanos;
        if (until == AWAKE || neededByNanos >= until) {
            return false;
        }
        Interleave.point();
        return UNTIL_NANOS.compareAndSet(this, until, AWAKE);
    }

    /** Wakes the loop if it would sleep past this time. Any thread. */
    void wake(Poller poller, long neededByNanos) {
        if (!claimWakeUp(neededByNanos)) {
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                poller.wakeup();
                return;
            } catch (RuntimeException | Error e) { // what was queued waits for it
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    UNTIL_NANOS.compareAndSet(this, AWAKE, Long.MAX_VALUE); // the next submitter tries again
                    throw e;
                }
            }
        }
    }
}
