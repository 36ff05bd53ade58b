package io.millio;

import io.millio.internal.RunSubject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds what has been running for longer than a threshold, from samples: a run that two samples see has lasted for the
 * time between them. So the loop itself reads no clock for it. One thread only.
 */
final class StallDetector {
    /** After this many times the threshold the same stall is reported again. */
    private static final int AGAIN = 10;

    final long thresholdNanos;
    private final Reactor reactor;
    private final Lifecycle lifecycle;
    final StallListener listener;

    private final Seen turn = new Seen();
    private final Seen undriven = new Seen();
    private IdentityHashMap<WorkerDispatch.Run, Seen> workers = new IdentityHashMap<>();

    /** A run, since it was seen first. */
    private static final class Seen {
        long number = -1;
        long sinceNanos;
        long reportAtNanos; // elapsed

        /** Returns how long the run has been seen, if that is to be reported now; else -1. */
        long sample(long runNumber, long nowNanos, long thresholdNanos) {
            if (runNumber != number) {
                number = runNumber;
                sinceNanos = nowNanos;
                reportAtNanos = thresholdNanos;
                return -1;
            }
            long elapsed = nowNanos - sinceNanos;
            if (elapsed < reportAtNanos) {
                return -1;
            }
            reportAtNanos = reportAtNanos == thresholdNanos ? AGAIN * thresholdNanos : Long.MAX_VALUE;
            return elapsed;
        }

        void forget() {
            number = -1;
        }
    }

    StallDetector(Reactor reactor, Lifecycle lifecycle, long thresholdNanos, StallListener listener) {
        this.reactor = reactor;
        this.lifecycle = lifecycle;
        this.thresholdNanos = thresholdNanos;
        this.listener = listener;
    }

    /** Looks at the loop; returns false when it is closed. */
    boolean sample(long nowNanos) {
        if (reactor.isClosed()) {
            return false;
        }
        List<Stall> found = new ArrayList<>();
        sampleTurn(nowNanos, found);
        sampleDriver(nowNanos, found);
        if (reactor.workers != null) {
            sampleWorkers(nowNanos, found);
        }
        // Last: a listener may take long, and what is seen first after it would seem to have run meanwhile.
        found.forEach(stall -> StallWatch.report(listener, stall));
        return true;
    }

    /** The process stood still for a time that does not count. */
    void skip(long nanos) {
        turn.sinceNanos += nanos;
        undriven.sinceNanos += nanos;
        workers.values().forEach(each -> each.sinceNanos += nanos);
    }

    private void sampleTurn(long nowNanos, List<Stall> found) {
        CurrentRun.Snapshot run = reactor.turn.run.snapshot();
        if (run == null) {
            turn.forget();
            return;
        }
        long elapsed = turn.sample(run.number(), nowNanos, thresholdNanos);
        if (elapsed >= 0) {
            Thread thread = lifecycle.driver();
            List<StackTraceElement> stack = stackOf(thread);
            if (reactor.turn.run.number() == run.number()) { // else it has just ended, and the stack is another run's
                found.add(stall(Stall.Kind.LOOP, subjectOf(run.subject()), elapsed, thread, stack));
            }
        }
    }

    private void sampleDriver(long nowNanos, List<Stall> found) {
        if (lifecycle.driver() != null || !needsDriver()) {
            undriven.forget();
            return;
        }
        long elapsed = undriven.sample(reactor.counters.get(LoopCounters.TURNS), nowNanos, thresholdNanos);
        if (elapsed >= 0) {
            found.add(stall(Stall.Kind.NOT_DRIVEN, null, elapsed, null, List.of()));
        }
    }

    /** Returns whether work or timers wait, or sources are registered. */
    private boolean needsDriver() {
        return !reactor.isIdle() || reactor.registry.size() != 0 || reactor.counters.get(LoopCounters.TIMERS_LIVE) != 0;
    }

    private void sampleWorkers(long nowNanos, List<Stall> found) {
        IdentityHashMap<WorkerDispatch.Run, Seen> running = new IdentityHashMap<>();
        for (SourceRegistration each : reactor.registry.all()) {
            WorkerDispatch.Run run = each.workerRun();
            if (run != null) {
                sampleWorker(run, nowNanos, running, found);
            }
        }
        for (WorkerDispatch.Run run : workers.keySet()) { // a handler may outlast its registration
            if (!running.containsKey(run)) {
                sampleWorker(run, nowNanos, running, found);
            }
        }
        workers = running;
    }

    private void sampleWorker(
            WorkerDispatch.Run run,
            long nowNanos,
            IdentityHashMap<WorkerDispatch.Run, Seen> running,
            List<Stall> found) {
        Thread thread = run.thread();
        if (thread == null || thread == lifecycle.driver()) { // an executor may run it in the turn, which has the stall
            return;
        }
        long number = run.number();
        Seen seen = Objects.requireNonNullElseGet(workers.get(run), Seen::new);
        running.put(run, seen);
        long elapsed = seen.sample(number, nowNanos, thresholdNanos);
        if (elapsed >= 0) {
            List<StackTraceElement> stack = stackOf(thread);
            if (run.number() == number && run.thread() == thread) {
                found.add(stall(Stall.Kind.WORKER, subjectOf(run.registration), elapsed, thread, stack));
            }
        }
    }

    private Stall stall(
            Stall.Kind kind,
            @Nullable Object subject,
            long elapsedNanos,
            @Nullable Thread thread,
            List<StackTraceElement> stack) {
        String name = thread == null ? null : thread.getName().isEmpty() ? thread.toString() : thread.getName();
        return new Stall(kind, reactor.loop, subject, Duration.ofNanos(elapsedNanos), name, stack);
    }

    private static List<StackTraceElement> stackOf(@Nullable Thread thread) {
        return thread == null ? List.of() : List.of(thread.getStackTrace());
    }

    /** Returns what a program knows of what runs. */
    static Object subjectOf(Object running) {
        Object known = running instanceof SourceRegistration registration
                ? registration.handler
                : running instanceof LoopTimer timer ? timer.subject() : running;
        return known instanceof RunSubject library ? library.runSubject() : running;
    }
}
