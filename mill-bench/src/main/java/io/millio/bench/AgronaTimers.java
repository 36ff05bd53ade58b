package io.millio.bench;

import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;

/**
 * Agrona's wheel, which keeps deadlines under a number and no tasks: what to do with a number is the user's. Its ticks are of
 * about a millisecond, and it has as many spokes as cover the spread of the deadlines, so that a spoke holds timers of one
 * round only.
 */
final class AgronaTimers extends TimerSubject {
    private static final int TICK_NANOS = 1 << 20;
    private static final int SPOKES = 1 << 16;

    private final DeadlineTimerWheel wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, 0, TICK_NANOS, SPOKES);
    private final long[] ids;
    private long nowNanos;
    private int fired;

    AgronaTimers(int places) {
        ids = new long[places];
    }

    @Override
    void schedule(int place, long delayNanos) {
        ids[place] = wheel.scheduleTimer(nowNanos + delayNanos);
    }

    @Override
    boolean cancel(int place) {
        return wheel.cancelTimer(ids[place]);
    }

    @Override
    void makeDue() {
        nowNanos += SPREAD_NANOS + TICK_NANOS;
    }

    private boolean expired(TimeUnit unit, long now, long id) {
        fired++;
        return true;
    }

    @Override
    void fire(int timers) {
        fired = 0;
        while (fired < timers) {
            wheel.poll(nowNanos, this::expired, Integer.MAX_VALUE);
        }
        wheel.currentTickTime(nowNanos);
    }

    @Override
    public void close() {
        wheel.clear();
    }
}
