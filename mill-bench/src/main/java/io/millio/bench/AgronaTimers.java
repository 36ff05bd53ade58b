package io.millio.bench;

import java.util.concurrent.TimeUnit;
import org.agrona.DeadlineTimerWheel;

/**
 * Agrona's wheel, which keeps deadlines under a number and no tasks: what to do with a number is the user's. Its ticks
 * are of about a millisecond, and it has as many spokes as cover the spread of the deadlines, so that a spoke holds
 * timers of one round only.
 */
final class AgronaTimers extends TimerSubject {
    private static final int TICK_NANOS = 1 << 20;

    private final DeadlineTimerWheel wheel;
    private final long[] ids;
    private long nowNanos;
    private int fired;

    /** Its wheel goes round once in the time within which all are due, or a little later: it is at its best then. */
    AgronaTimers(int places, long withinNanos) {
        int ticks = (int) (withinNanos / TICK_NANOS) + 1;
        int spokes = Integer.highestOneBit(ticks) << 1;
        wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, 0, TICK_NANOS, spokes);
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
        nowNanos += DUE_WITHIN_NANOS + TICK_NANOS;
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
