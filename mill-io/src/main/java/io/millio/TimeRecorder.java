package io.millio;

import io.millio.internal.TaskQueue;
import io.millio.stats.HistogramRecorder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Measures how long the work of a loop takes. Loop thread only, but for {@link #offer}. */
final class TimeRecorder {
    private static final VarHandle SUBMITTED;
    private static final VarHandle TASK;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SUBMITTED = lookup.findVarHandle(TimeRecorder.class, "submittedNanos", long.class);
            TASK = lookup.findVarHandle(TimeRecorder.class, "task", Runnable.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HistogramRecorder turns = new HistogramRecorder();
    private final HistogramRecorder runs = new HistogramRecorder();
    private final HistogramRecorder taskDelays = new HistogramRecorder();

    // When the task was submitted whose delay is measured; 0: none is. Set from 0 by compare-and-set before the task is
    // queued, and to 0, with release, by the loop.
    @SuppressWarnings("unused") // accessed through its handle
    private long submittedNanos;

    // That task. Written, with release, by the thread that has set the time, before it queues the task; read with
    // acquire and then cleared by the loop, before it clears the time.
    @SuppressWarnings("unused") // accessed through its handle
    private @Nullable Runnable task;

    /** Returns whether the delay of the next task is to be measured. Any thread. */
    boolean wantsTask() {
        return (long) SUBMITTED.getOpaque(this) == 0;
    }

    /**
     * Queues a task, whose delay is measured unless another thread was first; returns whether it was taken. Any thread.
     */
    boolean offer(TaskQueue queue, Runnable submitted, long nowNanos) {
        boolean measured = SUBMITTED.compareAndSet(this, 0L, nowNanos == 0 ? 1 : nowNanos);
        boolean taken = false;
        try {
            if (measured) {
                TASK.setRelease(this, submitted);
            }
            taken = queue.offer(submitted) == TaskQueue.Offer.TAKEN;
        } finally {
            if (measured && !taken) {
                clear();
            }
        }
        return taken;
    }

    /** The task has begun, or was not queued. The loop, or the thread that has submitted it. */
    private void clear() {
        TASK.setRelease(this, null);
        SUBMITTED.setRelease(this, 0L);
    }

    /** Called before a task is run. */
    void taskBegins(Runnable begun, long nowNanos) {
        if (TASK.getAcquire(this) == begun) {
            long since = (long) SUBMITTED.getOpaque(this);
            clear();
            taskDelays.record(nowNanos - since);
        }
    }

    void turn(long nanos) {
        turns.record(nanos);
    }

    void run(long nanos) {
        runs.record(nanos);
    }

    LoopTimes times() {
        return new LoopTimes(turns.copy(), runs.copy(), taskDelays.copy());
    }
}
