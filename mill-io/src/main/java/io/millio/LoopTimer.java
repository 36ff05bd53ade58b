package io.millio;

import io.millio.internal.Arguments;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One timer of a loop: its state, and its place in the wheel, which is the loop's. A wheel entry that expires too
 * early, because the deadline was moved, is put back: so to move a deadline further away is a store, and needs no
 * crossing to the loop.
 */
class LoopTimer extends TimerState implements Timer {
    private final LoopTimers timers;
    private final long periodNanos; // 0: runs once
    private final Repeat repeat;

    // Null once cancelled. Volatile: cleared by the thread that cancels, read by the loop before it takes the right to
    // run.
    private volatile @Nullable Runnable task;

    // Where it is in the wheel; 0 when it is not. Loop's turn only.
    private long handle;

    /** Whether the task of the run in progress, or of the last one, has been called. Loop thread only. */
    boolean started;

    LoopTimer(LoopTimers timers, long deadlineNanos, long periodNanos, Repeat repeat, Runnable task) {
        super(deadlineNanos);
        this.timers = timers;
        this.periodNanos = periodNanos;
        this.repeat = repeat;
        this.task = task;
    }

    /** Brings the wheel in step with the state. In the turn. */
    @Override
    void update() {
        if (isWaiting()) {
            handle = timers.place(this, handle, deadlineNanos());
        } else if (handle != 0) {
            timers.remove(handle);
            handle = 0;
        }
    }

    /** There was no memory for a place in the wheel, for instance: it is placed in the next turn. In the turn. */
    @Override
    void failed(Throwable why) {
        if (!started) {
            undoBegin();
        } else if (periodNanos != 0) {
            long ranNanos = deadlineNanos();
            repeat(ranNanos, Math.min(ranNanos, MAX_DEADLINE_NANOS - periodNanos) + periodNanos); // if it was running
        }
        timers.failed(this, why);
    }

    /** Its wheel entry has expired and is gone. In the turn. */
    void expired(long nowNanos) {
        handle = 0;
        Runnable toRun = task;
        if (toRun == null) {
            return;
        }
        if (!begin(nowNanos, periodNanos != 0)) {
            update(); // its deadline was moved away, or it is over
            return;
        }
        started = false;
        long ranNanos = deadlineNanos();
        timers.runTask(this, toRun);
        if (periodNanos != 0) {
            repeat(ranNanos, nextDeadlineNanos(ranNanos, nowNanos));
            update();
        }
    }

    private long nextDeadlineNanos(long ranNanos, long nowNanos) {
        long next;
        if (repeat == Repeat.FIXED_DELAY) {
            next = timers.freshNanos() + periodNanos;
        } else {
            long missed = Math.max(0, (nowNanos - ranNanos) / periodNanos);
            next = ranNanos + (missed + 1) * periodNanos;
        }
        return next < 0 ? MAX_DEADLINE_NANOS : Math.min(next, MAX_DEADLINE_NANOS);
    }

    @Override
    public boolean cancel() {
        if (!cancelInPlace()) {
            return false;
        }
        timers.changed(this);
        return true;
    }

    /** Cancels it, and leaves the wheel as it is. */
    boolean cancelInPlace() {
        boolean cancelled = markCancelled();
        if (cancelled) {
            task = null;
        }
        return cancelled;
    }

    /** The loop has closed, and its wheel is empty. In the turn. */
    void loopClosed() {
        handle = 0;
        cancelInPlace();
    }

    @Override
    public boolean restartNanos(long delayNanos) {
        Arguments.atLeast(0, delayNanos, "delayNanos");
        long deadlineNanos = timers.deadlineNanos(delayNanos);
        if (timers.isClosed()) {
            return false;
        }
        Restarted restarted = markRestarted(deadlineNanos);
        if (restarted != Restarted.EARLIER) {
            return restarted == Restarted.LATER; // the wheel finds out when the deadline that it knows comes
        }
        boolean open = false;
        boolean changed = false;
        try {
            open = timers.changed(this);
            changed = true;
        } finally {
            if (!changed) {
                timers.queue(this); // it waits now, which the wheel has to know
            }
        }
        if (!open) {
            cancelInPlace(); // the loop has closed since
        }
        return open;
    }

    /** Returns what it runs; null when it is cancelled. Any thread. */
    @Nullable
    Runnable subject() {
        return task;
    }

    @Override
    public String toString() {
        return "timer of " + Objects.requireNonNullElse(task, "(cancelled)");
    }
}
