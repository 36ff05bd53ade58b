package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.Repeat;
import io.millio.Timer;
import io.millio.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Tasks, timers and computations, submitted in the loop and on other threads. */
final class TaskScenario extends SimScenario {
    private static final int COUNT = 5;

    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct().computePool(computePool());
    }

    @Override
    void act() throws Throwable {
        restartFired(); // first, for a sample strikes each place at its first visits only
        Executor other = server.executor(2);
        submit("driver");
        elsewhere(other, "worker");
        elsewhere(loop, "loop");
        runFor(5);
        repeat();
        runFor(60);
    }

    /** Submits on another thread, on which faults strike as well. */
    private void elsewhere(Executor executor, String where) throws Throwable {
        attempt(() -> executor.execute(() -> {
            try {
                attempt(() -> submit(where));
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }));
    }

    private void submit(String where) throws Throwable {
        for (int i = 0; i < COUNT; i++) {
            accept(where + ": task " + i, loop::execute);
            Duration delay = Duration.ofMillis(3 * i + 1);
            accept(where + ": timer " + i, task -> loop.schedule(delay, task));
            compute(where + ": computation " + i);
        }
        restartAndCancel(where);
    }

    private void compute(String what) throws Throwable {
        List<CompletableFuture<Integer>> made = new ArrayList<>();
        if (attempt(() -> made.add(loop.compute(Priority.NORMAL, () -> 7)))) {
            completes(what, made.get(0));
        }
    }

    /** A timer that is moved runs once; one that is cancelled never does. */
    private void restartAndCancel(String where) throws Throwable {
        List<Timer> timers = new ArrayList<>();
        accept(where + ": restarted timer", task -> timers.add(loop.schedule(Duration.ofMillis(50), task)));
        int[] runs = {0};
        attempt(() -> timers.add(loop.schedule(Duration.ofMillis(40), () -> runs[0]++)));
        attempt(() -> timers.add(loop.schedule(Duration.ofMillis(900), () -> runs[0]++)));
        if (timers.size() == 3) {
            attempt(() -> timers.get(0).restartNanos(20_000_000));
            attempt(() -> timers.get(1).cancel());
            boolean cancelled = calmly(timers.get(1)::isCancelled);
            expect(cancelled || !caught.isEmpty(), "not cancelled");
            attempt(() -> loop.schedule(Duration.ofMillis(45), () -> expect(runs[0] == 0 || !cancelled, "it ran")));
        }
    }

    /** A timer that has fired runs again if it waits again, also where the restart has thrown. */
    private void restartFired() throws Throwable {
        int[] runs = {0};
        List<Timer> timers = new ArrayList<>();
        attempt(() -> timers.add(loop.schedule(Duration.ofMillis(1), () -> runs[0]++)));
        runFor(5);
        if (!timers.isEmpty()) {
            long errorsBefore = calmly(() -> loop.stats().errors());
            attempt(() -> timers.get(0).restartNanos(1_000_000));
            boolean waits = calmly(timers.get(0)::isWaiting);
            int before = runs[0];
            runFor(5);
            boolean excused = loop.isClosed() || loop.stats().errors() > errorsBefore; // struck when it fired
            expect(excused || !waits || runs[0] > before, "a restarted timer waits and does not run");
        }
    }

    /** A repeating timer goes on after the fault. */
    private void repeat() throws Throwable {
        int[] runs = {0};
        List<Timer> timers = new ArrayList<>();
        attempt(() -> timers.add(loop.scheduleRepeating(
                Duration.ofMillis(1), Duration.ofMillis(2), Repeat.FIXED_RATE, () -> runs[0]++)));
        runFor(40);
        if (!timers.isEmpty()) {
            int before = runs[0];
            runFor(10);
            expect(loop.isClosed() || runs[0] > before, "the repeating timer has ended after " + before + " runs");
            attempt(() -> timers.get(0).cancel());
        }
    }
}
