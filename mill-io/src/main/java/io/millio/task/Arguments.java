package io.millio.task;

import java.time.Duration;
import java.util.Objects;

/** Checks arguments, and names those that it refuses. */
final class Arguments {
    private Arguments() {}

    static int between(int least, int value, int most, String argument) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    argument + ": " + value + ", must be at least " + least + " and at most " + most);
        }
        return value;
    }

    static int atLeastOne(int value, String argument) {
        if (value < 1) {
            throw new IllegalArgumentException(argument + ": " + value + ", must be at least 1");
        }
        return value;
    }

    /** The duration in nanoseconds, capped at 292 years; refused when negative. */
    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, argument);
        if (duration.isNegative()) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must not be negative");
        }
        // toNanos() throws where it overflows
        return duration.toSeconds() >= Long.MAX_VALUE / 1_000_000_000 ? Long.MAX_VALUE : duration.toNanos();
    }
}
