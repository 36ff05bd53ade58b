package io.millio.bench;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import java.util.concurrent.TimeUnit;

/**
 * Netty's wheel, as it comes: ticks of 100 ms. To schedule and to cancel only queues what its thread carries out at the
 * next tick, on another processor.
 */
final class NettyWheelTimers extends OwnThreadTimers {
    private final HashedWheelTimer timer = new HashedWheelTimer();
    private final Timeout[] timeouts;
    private final TimerTask task = timeout -> fired();

    NettyWheelTimers(int places) {
        timeouts = new Timeout[places];
    }

    @Override
    void start(Runnable first) {
        timer.newTimeout(timeout -> first.run(), 0, TimeUnit.NANOSECONDS);
    }

    @Override
    void schedule(int place, long delayNanos) {
        timeouts[place] = timer.newTimeout(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    boolean cancel(int place) {
        return timeouts[place].cancel();
    }

    @Override
    public void close() {
        timer.stop();
    }
}
