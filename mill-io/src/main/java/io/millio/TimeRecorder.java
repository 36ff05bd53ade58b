package io.millio;

import io.millio.stats.HistogramRecorder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Measures how long the work of a loop takes. Loop thread only, but for {@link #submitted}. */
final class TimeRecorder {
    private static final VarHandle SUBMITTED;

    static {
        try {
            SUBMITTED = MethodHandles.lookup().findVarHandle(TimeRecorder.class, "submittedNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final HistogramRecorder turns = new HistogramRecorder();
    private final HistogramRecorder runs = new HistogramRecorder();
    private final HistogramRecorder taskDelays = new HistogramRecorder();

    // When the task was submitted whose delay is measured; 0: none is. Set from 0 by compare-and-set before the task is
    // queued, and to 0 by the loop. Opaque, for it orders nothing: a task in between is measured with the next one.
    @SuppressWarnings("unused") // accessed through its handle
    private long submittedNanos;

    /** Whether the delay of the next task is to be measured. Any thread. */
    boolean wantsTask() {
        return (long) SUBMITTED.getOpaque(this) == 0;
    }

    /** Called before a task is queued. Any thread. */
    void submitted(long nowNanos) {
        SUBMITTED.compareAndSet(this, 0L, nowNanos == 0 ? 1 : nowNanos);
    }

    /** Called before the tasks of a turn are run. */
    void tasksBegin(long nowNanos) {
        long since = (long) SUBMITTED.getOpaque(this);
        if (since != 0) {
            SUBMITTED.setOpaque(this, 0L);
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
