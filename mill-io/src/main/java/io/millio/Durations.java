package io.millio;

import java.time.Duration;
import java.util.Objects;

/** Checks durations that callers give. */
final class Durations {
    private Durations() {}

    /** The duration in nanoseconds, capped at 292 years; refused when negative. */
    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, argument);
        if (duration.isNegative()) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must not be negative");
        }
        // toNanos() throws where it overflows
        return duration.toSeconds() >= Long.MAX_VALUE / 1_000_000_000 ? Long.MAX_VALUE : duration.toNanos();
    }

    /** As {@link #nanos}, and refused when zero. */
    static long positiveNanos(Duration duration, String argument) {
        long nanos = nanos(duration, argument);
        if (nanos == 0) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must be positive");
        }
        return nanos;
    }
}
