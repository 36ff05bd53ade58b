package io.millio.bench;

import io.millio.timer.TimerWheel;
import java.util.function.Consumer;

/** The bare wheel. Its user says what time it is, as a loop does that has read the clock for its turn. */
final class MillWheelTimers extends TimerSubject {
    private final TimerWheel<Runnable> wheel;
    private final long[] handles;
    private final Consumer<Runnable> run = Runnable::run;
    private final Runnable task = this::fired;
    private long nowNanos;
    private int fired;

    MillWheelTimers(int places) {
        handles = new long[places];
        wheel = new TimerWheel<>(() -> nowNanos, places);
    }

    private void fired() {
        fired++;
    }

    @Override
    void schedule(int place, long delayNanos) {
        handles[place] = wheel.schedule(nowNanos + delayNanos, task);
    }

    @Override
    boolean cancel(int place) {
        return wheel.cancel(handles[place]);
    }

    @Override
    boolean rearm(int place, long delayNanos) {
        return wheel.reschedule(handles[place], nowNanos + delayNanos);
    }

    @Override
    void makeDue() {
        nowNanos += DUE_WITHIN_NANOS + 1_000_000;
    }

    @Override
    void fire(int timers) {
        fired = 0;
        while (fired < timers) {
            wheel.expire(nowNanos, 1024, run);
        }
    }

    @Override
    public void close() {
        wheel.clear(cleared -> {});
    }
}
