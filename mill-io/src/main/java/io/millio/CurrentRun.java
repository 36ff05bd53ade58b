package io.millio;

import io.millio.jfr.LoopRecording;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a loop runs now. The driving thread writes it, with two or three plain stores a run; any thread reads it.
 *
 * <p>The number comes before the subject, both with release, so a reader that finds the same number before and after it
 * has read the subject, all with acquire, has the subject of that run, or none.
 */
final class CurrentRun {
    private static final VarHandle NUMBER;
    private static final VarHandle SUBJECT;
    private static final VarHandle TURN_NANOS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NUMBER = lookup.findVarHandle(CurrentRun.class, "number", long.class);
            SUBJECT = lookup.findVarHandle(CurrentRun.class, "subject", Object.class);
            TURN_NANOS = lookup.findVarHandle(CurrentRun.class, "turnNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Reactor reactor;
    private final @Nullable TimeRecorder times;

    // Written by the driving thread only; see above.
    private long number;
    private @Nullable Object subject;

    // The beginning of the turn, opaque: for readers on other threads, who see a recent one.
    private long turnNanos;

    // Whether the runs of this turn are measured, and the last reading of the clock. Driving thread only.
    private boolean measuring;
    private long measuredNanos;

    CurrentRun(Reactor reactor, @Nullable TimeRecorder times) {
        this.reactor = reactor;
        this.times = times;
    }

    /** A run of a registration, task or timer. */
    record Snapshot(long number, Object subject) {}

    /** The loop has woken up. Driving thread only. */
    void beginTurn(long nowNanos) {
        TURN_NANOS.setOpaque(this, nowNanos);
        measuring = times != null || LoopRecording.wantsTimes();
        measuredNanos = nowNanos;
    }

    /** The turn has ended, at this time. Driving thread only. */
    void endTurn(long nowNanos, int handled) {
        clear();
        if (!measuring) {
            return;
        }
        measuring = false;
        long elapsed = nowNanos - turnNanos;
        if (times != null) {
            times.turn(elapsed);
        }
        if (elapsed >= LoopRecording.SLOW_NANOS) {
            LoopRecording.turn(reactor.loop, elapsed, handled);
        }
    }

    /** Nothing runs, though a run may have thrown before its end. Driving thread only. */
    void clear() {
        if (subject != null) {
            SUBJECT.setRelease(this, null);
        }
    }

    /**
     * Returns the last reading of the clock in this turn; its beginning if times are not measured. Driving thread only.
     */
    long measuredNanos() {
        return measuredNanos;
    }

    /** Returns when the turn in progress began, or the last one. Any thread. */
    long turnNanos() {
        return (long) TURN_NANOS.getOpaque(this);
    }

    /** A run begins, and ends the one before. Driving thread only. */
    void begin(Object of) {
        clear(); // else the number would come with the subject of a run that was not ended
        NUMBER.setRelease(this, number + 1);
        SUBJECT.setRelease(this, of);
    }

    /**
     * The run has ended; the next one may follow at once, so one reading of the clock serves both. Driving thread only.
     */
    void end() {
        Object of = subject;
        SUBJECT.setRelease(this, null);
        if (measuring) {
            measure(of);
        }
    }

    private void measure(@Nullable Object of) {
        long now = reactor.clock.getAsLong();
        long elapsed = now - measuredNanos;
        measuredNanos = now;
        if (times != null) {
            times.run(elapsed);
        }
        if (elapsed >= LoopRecording.SLOW_NANOS && of != null) {
            record(of, elapsed);
        }
    }

    private void record(Object of, long elapsedNanos) {
        try {
            LoopRecording.run(reactor.loop, StallDetector.subjectOf(of), elapsedNanos, false);
        } catch (Throwable t) { // no memory, for instance; the loop goes on
            reactor.report(LoopError.Origin.LOOP, reactor.loop, t);
        }
    }

    /** Returns the number of the run that began last: another one at each sleep and each run. Any thread. */
    long number() {
        return (long) NUMBER.getAcquire(this);
    }

    /** Returns what runs now; null if nothing does. Any thread; tries again while runs are short. */
    @Nullable
    Snapshot snapshot() {
        while (true) {
            long before = (long) NUMBER.getAcquire(this);
            Object read = SUBJECT.getAcquire(this);
            if (read == null) {
                return null;
            }
            if (before == (long) NUMBER.getAcquire(this)) {
                return new Snapshot(before, read);
            }
        }
    }
}
