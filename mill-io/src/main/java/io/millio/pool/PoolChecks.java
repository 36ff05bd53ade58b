package io.millio.pool;

import java.time.Duration;
import java.util.Objects;

/** The checks that the builders and the pools share; each names the argument and its value. */
final class PoolChecks {
    private PoolChecks() {}

    static int atLeastOne(int value, String argument) {
        if (value < 1) {
            throw new IllegalArgumentException(argument + ": " + value + ", must be at least 1");
        }
        return value;
    }

    static long notNegative(long value, String argument) {
        if (value < 0) {
            throw new IllegalArgumentException(argument + ": " + value + ", must not be negative");
        }
        return value;
    }

    static int powerOfTwo(int value, String argument) {
        if (Integer.bitCount(value) != 1 || value < 1) {
            throw new IllegalArgumentException(argument + ": " + value + ", must be a power of two");
        }
        return value;
    }

    /** Nanoseconds of a time, as many as a long holds. */
    static long nanos(Duration time, String argument) {
        Objects.requireNonNull(time, argument);
        if (time.isNegative()) {
            throw new IllegalArgumentException(argument + ": " + time + ", must not be negative");
        }
        try {
            return time.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }
}
