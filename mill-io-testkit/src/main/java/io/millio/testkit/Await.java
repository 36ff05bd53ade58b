package io.millio.testkit;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, with a deadline that only a broken program meets. Any thread. */
final class Await {
    private static final long DEADLINE_NANOS = 10_000_000_000L;
    private static final long PAUSE_NANOS = 50_000;

    private Await() {}

    /** Waits until a condition holds. */
    static void until(String what, BooleanSupplier condition) {
        until(what, condition, () -> LockSupport.parkNanos(PAUSE_NANOS));
    }

    /** Repeats a step until a condition holds. */
    static void until(String what, BooleanSupplier condition, Runnable step) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > DEADLINE_NANOS) {
                throw new AssertionError("waited in vain until " + what);
            }
            step.run();
        }
    }
}
