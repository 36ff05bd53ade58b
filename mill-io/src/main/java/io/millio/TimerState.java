package io.millio;

import io.millio.internal.Interleave;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The word of a timer: its deadline and its state, so that firing, cancelling and restarting decide between them in one
 * compare-and-set each. A superclass rather than a field, so that a timer is one object less. Any thread.
 *
 * <pre>
 *   63                                   2 1     0
 *   deadline, ns since the loop was made   state
 *
 *   WAITING --fire--&gt; RAN (once)  or  RUNNING --after the run--&gt; WAITING (repeating)
 *   WAITING, RUNNING --cancel--&gt; CANCELLED          any but CANCELLED --restart--&gt; WAITING
 * </pre>
 */
abstract class TimerState extends LoopUpdate {
    private static final int WAITING = 0;
    private static final int RAN = 1;
    private static final int RUNNING = 2;
    private static final int CANCELLED = 3;
    private static final int STATE_BITS = 2;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;

    /** The latest deadline: 73 years after the loop was made. */
    static final long MAX_DEADLINE_NANOS = Long.MAX_VALUE >> STATE_BITS;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(TimerState.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The result of a restart. */
    enum Restarted {
        /** It is cancelled: nothing was done. */
        NO,
        /** It waits for a deadline that is further away than the one it had. */
        LATER,
        /** It did not wait, or waits for an earlier deadline now. */
        EARLIER
    }

    private volatile long word;

    TimerState(long deadlineNanos) {
        word = word(deadlineNanos, WAITING);
    }

    private static long word(long deadlineNanos, int state) {
        return (deadlineNanos << STATE_BITS) | state;
    }

    private static int state(long word) {
        return (int) word & STATE_MASK;
    }

    private static long deadlineNanos(long word) {
        return word >> STATE_BITS;
    }

    final long deadlineNanos() {
        return deadlineNanos(word);
    }

    /** The time by which the loop has to look at it: its deadline, if it waits, or never. */
    final long neededByNanos() {
        long w = word;
        return state(w) == WAITING ? deadlineNanos(w) : Long.MAX_VALUE;
    }

    /** Returns whether it waits for its deadline. */
    public final boolean isWaiting() {
        return state(word) == WAITING;
    }

    /** Returns whether it is cancelled. */
    public final boolean isCancelled() {
        return state(word) == CANCELLED;
    }

    /** Takes the right to run it: if it waits and its deadline has come. */
    final boolean begin(long nowNanos, boolean repeats) {
        while (true) {
            long w = word;
            if (state(w) != WAITING || deadlineNanos(w) > nowNanos) {
                return false;
            }
            Interleave.point();
            if (WORD.compareAndSet(this, w, word(deadlineNanos(w), repeats ? RUNNING : RAN))) {
                return true;
            }
        }
    }

    /** Gives back the right to run it, unless it was cancelled or restarted meanwhile. */
    final void undoBegin() {
        long w = word;
        if (state(w) == RAN || state(w) == RUNNING) {
            Interleave.point();
            WORD.compareAndSet(this, w, word(deadlineNanos(w), WAITING));
        }
    }

    /** After a run of a repeating one: waits for the next deadline, unless it was cancelled or restarted meanwhile. */
    final void repeat(long ranDeadlineNanos, long nextDeadlineNanos) {
        Interleave.point();
        WORD.compareAndSet(this, word(ranDeadlineNanos, RUNNING), word(nextDeadlineNanos, WAITING));
    }

    /** Cancels it; returns false if it had run, or was cancelled. */
    final boolean markCancelled() {
        while (true) {
            long w = word;
            if (state(w) == RAN || state(w) == CANCELLED) {
                return false;
            }
            Interleave.point();
            if (WORD.compareAndSet(this, w, word(deadlineNanos(w), CANCELLED))) {
                return true;
            }
        }
    }

    /** Gives it another deadline, unless it is cancelled. */
    final Restarted markRestarted(long deadlineNanos) {
        while (true) {
            long w = word;
            if (state(w) == CANCELLED) {
                return Restarted.NO;
            }
            boolean later = state(w) == WAITING && deadlineNanos(w) <= deadlineNanos;
            Interleave.point();
            if (WORD.compareAndSet(this, w, word(deadlineNanos, WAITING))) {
                return later ? Restarted.LATER : Restarted.EARLIER;
            }
        }
    }
}
