package io.millio.bench;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The timers of a Netty loop, which the measuring thread drives. */
final class NettyLoopTimers extends TimerSubject {
    private final MovableClock clock = new MovableClock();
    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(null, Thread.currentThread(), NioIoHandler.newFactory(), clock);
    private final ScheduledFuture<?>[] timers;
    private final Runnable task = this::fired;
    private int fired;

    NettyLoopTimers(int places) {
        timers = new ScheduledFuture<?>[places];
    }

    private void fired() {
        fired++;
    }

    @Override
    void inTurn(Runnable work) {
        loop.execute(work);
        loop.runNow();
    }

    @Override
    void schedule(int place, long delayNanos) {
        timers[place] = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    boolean cancel(int place) {
        return timers[place].cancel(false);
    }

    @Override
    void makeDue() {
        clock.putForward(DUE_WITHIN_NANOS + 1_000_000);
    }

    @Override
    void fire(int timers) {
        fired = 0;
        while (fired < timers) {
            loop.runNow();
        }
    }

    @Override
    public void close() {
        Future<?> ended = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!ended.isDone()) {
            loop.runNow();
        }
    }
}
