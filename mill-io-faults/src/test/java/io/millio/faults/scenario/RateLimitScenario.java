package io.millio.faults.scenario;

import io.millio.EventLoopBuilder;
import io.millio.RateLimitQueue;
import io.millio.faults.FaultPoint;
import io.millio.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Waits for permits, from several threads, some of them cancelled; one after the fault gets its permits in time. */
final class RateLimitScenario extends SimScenario {
    @Override
    EventLoopBuilder settings(EventLoopBuilder builder) {
        return builder.direct();
    }

    @Override
    void act() throws Throwable {
        FaultPoint.pause();
        RateLimiter limiter = RateLimiter.builder()
                .rate(1_000, Duration.ofSeconds(1))
                .burst(20)
                .nanoClock(loop::nanoTime)
                .build();
        RateLimitQueue queue = new RateLimitQueue(loop, limiter, 100);
        FaultPoint.resume();
        Executor other = server.executor(2);
        acquire(queue, "driver");
        attempt(() -> other.execute(() -> acquireElsewhere(queue, "worker")));
        attempt(() -> loop.execute(() -> acquireElsewhere(queue, "loop")));
        runFor(1_000);
        FaultPoint.pause();
        if (!loop.isClosed()) {
            CompletableFuture<?> later = queue.acquire(5);
            runFor(50);
            expect(later.isDone() && !later.isCompletedExceptionally(), "after the fault no permits: " + later);
        }
        FaultPoint.resume();
        attempt(() -> completes("at the end", queue.acquire(20)));
        attempt(() -> completes("at the end, too", queue.acquire(20)));
    }

    private void acquireElsewhere(RateLimitQueue queue, String where) {
        try {
            acquire(queue, where);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private void acquire(RateLimitQueue queue, String where) throws Throwable {
        for (int i = 0; i < 4; i++) {
            List<CompletableFuture<?>> made = new ArrayList<>();
            if (attempt(() -> made.add(queue.acquire(15)))) {
                completes(where + " " + i, made.get(0));
                if (i == 2 && !attempt(() -> made.get(0).cancel(false))) {
                    attempt(() -> made.get(0).cancel(false));
                }
            }
        }
    }
}
