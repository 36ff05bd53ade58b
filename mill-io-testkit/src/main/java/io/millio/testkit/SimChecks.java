package io.millio.testkit;

import java.time.Duration;
import java.util.Objects;

/** Checks what a script asks for. */
final class SimChecks {
    private SimChecks() {}

    static double probability(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: " + probability + ", must be from 0 to 1");
        }
        return probability;
    }

    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, argument);
        if (duration.isNegative()) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must not be negative");
        }
        // toNanos() throws where it overflows
        return duration.toSeconds() >= Long.MAX_VALUE / 1_000_000_000 ? Long.MAX_VALUE : duration.toNanos();
    }

    static int notNegative(int value, String argument) {
        if (value < 0) {
            throw new IllegalArgumentException(argument + ": " + value + ", must not be negative");
        }
        return value;
    }
}
