package io.millio.bench;

import io.millio.EventLoop;
import io.millio.Timer;

/** The timers of a loop, which the measuring thread drives. */
final class MillLoopTimers extends TimerSubject {
    private final MovableClock clock = new MovableClock();
    private final EventLoop loop = EventLoop.builder().direct().nanoClock(clock).build();
    private final Timer[] timers;
    private final Runnable task = this::fired;
    private int fired;

    MillLoopTimers(int places) {
        timers = new Timer[places];
    }

    private void fired() {
        fired++;
    }

    @Override
    void inTurn(Runnable work) {
        loop.execute(work);
        loop.runOnce();
    }

    @Override
    void schedule(int place, long delayNanos) {
        timers[place] = loop.scheduleNanos(delayNanos, task);
    }

    @Override
    boolean cancel(int place) {
        return timers[place].cancel();
    }

    @Override
    boolean rearm(int place, long delayNanos) {
        return timers[place].restartNanos(delayNanos);
    }

    @Override
    void makeDue() {
        clock.putForward(DUE_WITHIN_NANOS + 1_000_000);
    }

    @Override
    void fire(int timers) {
        fired = 0;
        while (fired < timers) {
            loop.runOnce();
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
