package io.millio.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, with a deadline that only a failing test sees. */
final class Waiting {
    static final Duration LONG = Duration.ofSeconds(30);

    private Waiting() {}

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void until(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begin).as("time waited").isLessThan(LONG.toNanos());
            LockSupport.parkNanos(50_000);
        }
    }

    static boolean isParked(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }
}
