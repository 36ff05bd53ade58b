package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One timer: a word that holds its deadline and its state, so that firing, cancelling and restarting decide between them in one
 * compare-and-set each; and its place in the wheel, which is the loop's.
 *
 * <pre>
 *   63                                   2 1     0
 *   deadline, ns since the loop was made   state
 *
 *   WAITING --fire--&gt; RAN (once)  or  RUNNING --after the run--&gt; WAITING (repeating)
 *   WAITING, RUNNING --cancel--&gt; CANCELLED          any but CANCELLED --restart--&gt; WAITING
 * </pre>
 *
 * A wheel entry that expires too early, because the deadline was moved, is put back. So to move a deadline further away is a
 * store, and needs no crossing to the loop.
 */
final class LoopTimer implements Timer, Runnable {
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
            WORD = MethodHandles.lookup().findVarHandle(LoopTimer.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LoopTimers timers;
    private final long periodNanos; // 0: runs once
    private final Repeat repeat;

    // Any thread, by compare-and-set.
    private volatile long word;

    // Null once cancelled. Volatile: cleared by the thread that cancels, read by the loop before it takes the right to run.
    private volatile @Nullable Runnable task;

    // Where it is in the wheel; 0 when it is not. Loop's turn only.
    private long handle;

    LoopTimer(LoopTimers timers, long deadlineNanos, long periodNanos, Repeat repeat, Runnable task) {
        this.timers = timers;
        this.periodNanos = periodNanos;
        this.repeat = repeat;
        this.task = task;
        this.word = word(deadlineNanos, WAITING);
    }

    private static long word(long deadlineNanos, int state) {
        return deadlineNanos << STATE_BITS | state;
    }

    private static int state(long word) {
        return (int) word & STATE_MASK;
    }

    private static long deadlineNanos(long word) {
        return word >> STATE_BITS;
    }

    long deadlineNanos() {
        return deadlineNanos(word);
    }

    /** Brings the wheel in step with the word: what other threads queue. In the turn. */
    @Override
    public void run() {
        long w = word;
        if (state(w) == WAITING) {
            handle = timers.place(this, handle, deadlineNanos(w));
        } else if (handle != 0) {
            timers.remove(handle);
            handle = 0;
        }
    }

    /** Its wheel entry has expired and is gone. In the turn. */
    void expired(long nowNanos) {
        handle = 0;
        Runnable toRun;
        long w;
        do {
            w = word;
            toRun = task;
            if (state(w) != WAITING || toRun == null) {
                return;
            }
            if (deadlineNanos(w) > nowNanos) {
                run(); // it was moved away since it was placed
                return;
            }
        } while (!WORD.compareAndSet(this, w, word(deadlineNanos(w), periodNanos == 0 ? RAN : RUNNING)));
        timers.runTask(this, toRun);
        if (periodNanos != 0) {
            long running = word(deadlineNanos(w), RUNNING);
            WORD.compareAndSet(this, running, word(nextDeadlineNanos(deadlineNanos(w), nowNanos), WAITING));
            run();
        }
    }

    private long nextDeadlineNanos(long lastNanos, long nowNanos) {
        long next;
        if (repeat == Repeat.FIXED_DELAY) {
            next = timers.freshNanos() + periodNanos;
        } else {
            long missed = Math.max(0, (nowNanos - lastNanos) / periodNanos);
            next = lastNanos + (missed + 1) * periodNanos;
        }
        return next < 0 ? MAX_DEADLINE_NANOS : Math.min(next, MAX_DEADLINE_NANOS);
    }

    @Override
    public boolean cancel() {
        if (!markCancelled()) {
            return false;
        }
        timers.changed(this, Long.MAX_VALUE); // nothing happens earlier for it: no need to wake the loop
        return true;
    }

    /** Cancels it without a word to the wheel; returns false if it had run, or was cancelled. */
    boolean markCancelled() {
        while (true) {
            long w = word;
            if (state(w) == RAN || state(w) == CANCELLED) {
                return false;
            }
            if (WORD.compareAndSet(this, w, word(deadlineNanos(w), CANCELLED))) {
                task = null;
                return true;
            }
        }
    }

    @Override
    public boolean restart(Duration delay) {
        long delayNanos = Durations.nanos(delay, "delay");
        while (true) {
            long w = word;
            if (state(w) == CANCELLED || timers.isClosed()) {
                return false;
            }
            long deadlineNanos = timers.deadlineNanos(delayNanos);
            if (!WORD.compareAndSet(this, w, word(deadlineNanos, WAITING))) {
                continue;
            }
            boolean placedEarlier = state(w) == WAITING && deadlineNanos(w) <= deadlineNanos;
            if (placedEarlier || timers.changed(this, deadlineNanos)) {
                return true;
            }
            markCancelled(); // the loop has closed in the meantime
            return false;
        }
    }

    @Override
    public boolean isWaiting() {
        return state(word) == WAITING;
    }

    @Override
    public boolean isCancelled() {
        return state(word) == CANCELLED;
    }

    @Override
    public String toString() {
        return "timer of " + Objects.requireNonNullElse(task, "(cancelled)");
    }
}
