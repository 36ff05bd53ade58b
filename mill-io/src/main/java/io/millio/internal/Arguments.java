package io.millio.internal;

import java.time.Duration;
import java.util.Objects;

/**
 * Argument checks. Each returns the value it was given, or throws an {@link IllegalArgumentException} that names the
 * argument, its value and the limit.
 */
public final class Arguments {
    /** The cap on durations, about 73 years: a clock reading plus this does not overflow. */
    public static final long MAX_NANOS = Long.MAX_VALUE / 4;

    private Arguments() {}

    public static int atLeast(int min, int value, String argument) {
        return (int) atLeast((long) min, value, argument);
    }

    public static long atLeast(long min, long value, String argument) {
        if (value < min) {
            throw refused(argument, value, "must be at least " + min);
        }
        return value;
    }

    public static int between(int min, int value, int max, String argument) {
        return (int) between((long) min, value, max, argument);
    }

    public static long between(long min, long value, long max, String argument) {
        if (value < min || value > max) {
            throw refused(argument, value, "must be from " + min + " to " + max);
        }
        return value;
    }

    /** Returns the duration in nanoseconds, at most {@link #MAX_NANOS}; throws if it is negative. */
    public static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, argument);
        if (duration.isNegative()) {
            throw refused(argument, duration, "must not be negative");
        }
        // compared in seconds: toNanos() throws where it overflows
        return duration.toSeconds() >= MAX_NANOS / 1_000_000_000 ? MAX_NANOS : duration.toNanos();
    }

    /** Returns the duration in nanoseconds, at most {@link #MAX_NANOS}; throws if it is negative or zero. */
    public static long positiveNanos(Duration duration, String argument) {
        long nanos = nanos(duration, argument);
        if (nanos == 0) {
            throw refused(argument, duration, "must be positive");
        }
        return nanos;
    }

    /** Returns the exception for a value that breaks another rule than those above. */
    public static IllegalArgumentException refused(String argument, Object value, String rule) {
        return new IllegalArgumentException(argument + ": " + value + ", " + rule);
    }
}
