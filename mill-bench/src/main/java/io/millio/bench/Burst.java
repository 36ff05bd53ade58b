package io.millio.bench;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Waits, without garbage, until as many tasks have run as were begun. One thread waits, and sleeps meanwhile. */
final class Burst implements Runnable {
    /** How many tasks the benchmarks of pools give at a time. */
    static final int TASKS = 64;

    private final AtomicInteger left = new AtomicInteger();
    private final Thread waiter = Thread.currentThread();

    void begin() {
        left.set(TASKS);
    }

    /** The task. */
    @Override
    public void run() {
        if (left.decrementAndGet() == 0) {
            LockSupport.unpark(waiter);
        }
    }

    int await() {
        while (left.get() != 0) {
            LockSupport.park(this);
        }
        return TASKS;
    }
}
