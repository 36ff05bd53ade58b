package io.millio.net;

import java.time.Duration;
import java.util.Objects;

/** What arguments must be. */
final class Arguments {
    /** As those of the loop's timers: 73 years. */
    private static final long MAX_NANOS = Long.MAX_VALUE / 4;

    private Arguments() {}

    static int atLeast(int least, int value, String argument) {
        return (int) atLeast((long) least, value, argument);
    }

    static long atLeast(long least, long value, String argument) {
        if (value < least) {
            throw new IllegalArgumentException(argument + ": " + value + ", must be at least " + least);
        }
        return value;
    }

    /** The duration in nanoseconds, capped; not negative. */
    static long nanos(Duration duration, String argument) {
        Objects.requireNonNull(duration, argument);
        if (duration.isNegative()) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must not be negative");
        }
        return duration.toSeconds() >= MAX_NANOS / 1_000_000_000 ? MAX_NANOS : duration.toNanos();
    }

    /** The duration in nanoseconds, capped; positive. */
    static long positiveNanos(Duration duration, String argument) {
        long nanos = nanos(duration, argument);
        if (nanos == 0) {
            throw new IllegalArgumentException(argument + ": " + duration + ", must be positive");
        }
        return nanos;
    }
}
