package io.millio;

import io.millio.internal.Interleave;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state word of a registration: whether a run is in progress, what was requested meanwhile, and how far its end has
 * come. A superclass rather than a field, so that a connection is one object less.
 *
 * <pre>
 *            event: dispatch                      event: disarm (lazily, only now)
 *   idle ---------------------&gt; SCHEDULED ---------------------------&gt; SCHEDULED + DISARMED
 *     ^                             |                                          |
 *     +------- run has ended -------+        +---- run has ended: queue an ----+
 *     +--------------------------------------+     update, which arms again
 * </pre>
 *
 * OPENING is set until the poller has added the source, or an event has come before that was known: until then no
 * callback has run, and the loop refuses the registration instead of ending it. ENDED stops runs from starting;
 * END_READY, set once the source is removed and the cause is known, lets {@code onClose} be called as soon as no run is
 * in progress; CLOSE_CLAIMED is set by the thread that has it called, CLOSE_CALLED by the one that calls it. An
 * executor may throw for a run that it has accepted, so a run and its rejection both claim it with RUN_CLAIMED. With
 * direct dispatch there is no SCHEDULED: a run is a call in the turn.
 *
 * <p>Any thread. Each transition is one atomic step, so everything written before it is visible after the transition
 * that finds it.
 */
abstract class RunState extends LoopUpdate {
    static final int SCHEDULED = 1;
    static final int DISARMED = 1 << 1;
    static final int ENDED = 1 << 2;
    static final int END_READY = 1 << 3;
    static final int CLOSE_CLAIMED = 1 << 4;
    static final int OPENING = 1 << 5;
    static final int UNMUTE = 1 << 6;
    static final int PAUSE_ACCEPT = 1 << 7;
    static final int NOTIFY_SHUTDOWN = 1 << 8;
    static final int CLOSE_WHEN_WRITTEN = 1 << 9;
    static final int MUTE_ERROR = 1 << 10;
    static final int RUN_CLAIMED = 1 << 11;
    static final int CLOSE_CALLED = 1 << 12;
    static final int CLOSE_SOURCE = 1 << 13;
    static final int RETRY_DETACH = 1 << 14;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(RunState.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state = OPENING;

    final boolean has(int anyOfBits) {
        return (state & anyOfBits) != 0;
    }

    /** Sets bits; returns whether this call did, that is, whether one of them was not set. */
    final boolean set(int bits) {
        Interleave.point();
        return ((int) STATE.getAndBitwiseOr(this, bits) & bits) != bits;
    }

    final void clear(int bits) {
        Interleave.point();
        STATE.getAndBitwiseAnd(this, ~bits);
    }

    /** Ends the opening phase; returns false if the registration has ended. */
    final boolean open() {
        while (true) {
            int s = state;
            if ((s & ENDED) != 0) {
                return false;
            }
            Interleave.point();
            if (STATE.compareAndSet(this, s, s & ~OPENING)) {
                return true;
            }
        }
    }

    /** Ends a registration, once; returns whether this call did. */
    final boolean claimEnd(boolean closeSource) {
        while (true) {
            int s = state;
            if ((s & ENDED) != 0) {
                return false;
            }
            Interleave.point();
            if (STATE.compareAndSet(this, s, s | ENDED | (closeSource ? CLOSE_SOURCE : 0))) {
                return true;
            }
        }
    }

    /** Ends a registration that is still opening, without an {@code onClose}; returns whether this call did. */
    final boolean claimRefusal() {
        while (true) {
            int s = state;
            if ((s & (OPENING | ENDED)) != OPENING) {
                return false;
            }
            Interleave.point();
            if (STATE.compareAndSet(this, s, s | ENDED)) {
                return true;
            }
        }
    }

    /**
     * Takes the right to the next run, and sets more bits with it; while a run is under way, sets ifBusy instead.
     * Returns whether the run is the caller's; not if the registration has ended.
     */
    final boolean schedule(int withRun, int ifBusy) {
        while (true) {
            int s = state;
            if ((s & ENDED) != 0) {
                return false;
            }
            boolean free = (s & SCHEDULED) == 0;
            int next = free ? (s | SCHEDULED | withRun) & ~RUN_CLAIMED : s | ifBusy;
            Interleave.point();
            if (STATE.compareAndSet(this, s, next)) {
                return free;
            }
        }
    }

    /**
     * Claims the run that was scheduled last, for the executor, or for its owner if it was rejected; returns whether it
     * did.
     */
    final boolean claimRun() {
        return set(RUN_CLAIMED);
    }

    /**
     * Ends a run, unless one of these bits is set: then it goes on.
     *
     * @return the state before, in which SCHEDULED is clear if the run goes on
     */
    final int finish(int unlessBits) {
        while (true) {
            int s = state;
            if ((s & unlessBits) != 0) {
                return s & ~SCHEDULED;
            }
            Interleave.point();
            if (STATE.compareAndSet(this, s, s & ~(SCHEDULED | DISARMED))) {
                return s;
            }
        }
    }

    /**
     * Claims the call of {@code onClose}; returns false while the end is not ready or a run is in progress, or if
     * another thread has claimed it.
     */
    final boolean claimClose() {
        while (true) {
            int s = state;
            if ((s & END_READY) == 0 || (s & (SCHEDULED | CLOSE_CLAIMED)) != 0) {
                return false;
            }
            Interleave.point();
            if (STATE.compareAndSet(this, s, s | CLOSE_CLAIMED)) {
                return true;
            }
        }
    }
}
