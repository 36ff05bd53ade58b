package io.millio.bench;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The platform's: a heap under a lock. Cancelled timers leave it at once, as they do with the others. */
final class JdkTimers extends OwnThreadTimers {
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private final Future<?>[] timers;
    private final Runnable task = this::fired;

    JdkTimers(int places) {
        timers = new Future<?>[places];
        scheduler.setRemoveOnCancelPolicy(true);
    }

    @Override
    void start(Runnable first) {
        scheduler.execute(first);
    }

    @Override
    void schedule(int place, long delayNanos) {
        timers[place] = scheduler.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    boolean cancel(int place) {
        return timers[place].cancel(false);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
