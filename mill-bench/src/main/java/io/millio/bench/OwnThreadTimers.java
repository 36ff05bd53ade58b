package io.millio.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Timers that fire on a thread of their timer service, in real time. To separate firing from waiting, an additional
 * timer blocks that thread until all others are due.
 */
abstract class OwnThreadTimers extends TimerSubject {
    /** A wheel with ticks of 100 ms fires that much later. */
    private static final long LATE_NANOS = 110_000_000;

    private final Semaphore gate = new Semaphore(0);
    private final Semaphore held = new Semaphore(0);

    // Written before the gate opens, then the keeper's thread's until the latch is down.
    private int toFire;
    private CountDownLatch allFired = new CountDownLatch(1);

    /** Starts a timer that is due immediately and never cancelled. */
    abstract void start(Runnable task);

    /** What every timer runs. */
    final void fired() {
        if (--toFire == 0) {
            allFired.countDown();
        }
    }

    @Override
    final void hold() {
        start(() -> {
            held.release();
            gate.acquireUninterruptibly();
        });
        held.acquireUninterruptibly();
    }

    @Override
    final void makeDue() {
        long dueAtNanos = System.nanoTime() + DUE_WITHIN_NANOS + LATE_NANOS;
        for (long left; (left = dueAtNanos - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
        }
    }

    @Override
    final void fire(int timers) {
        toFire = timers;
        allFired = new CountDownLatch(1);
        gate.release();
        try {
            if (!allFired.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("timers did not fire");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
