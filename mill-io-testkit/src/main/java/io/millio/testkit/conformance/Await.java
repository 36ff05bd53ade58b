package io.millio.testkit.conformance;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for conditions, with a deadline that only a broken program meets: 10 seconds, or what the system property
 * {@code millio.testkit.deadlineSeconds} says. Any thread.
 */
final class Await {
    private static final long DEADLINE_NANOS = Long.getLong("millio.testkit.deadlineSeconds", 10) * 1_000_000_000L;
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
                throw new AssertionError("waited in vain until " + what + threads());
            }
            step.run();
        }
    }

    /** Where the threads of the suite are: a wait in vain is hardly ever to be understood without. */
    private static String threads() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, frames) -> {
            if (thread.getName().startsWith(Conformance.THREADS)) {
                text.append("\n  ").append(thread.getName()).append(" is ").append(thread.getState());
                for (StackTraceElement frame : frames) {
                    text.append("\n    at ").append(frame);
                }
            }
        });
        return text.toString();
    }
}
