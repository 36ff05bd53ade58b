package io.millio.limit;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;

/**
 * So many permits in so much time: translates between time and permits without an error that adds up, for it divides
 * whole numbers and keeps no rounded interval. Any thread, as it can't be changed. O(1).
 */
final class Rate {
    /** Permits a second at most: then a limiter counts them for 14 years. */
    static final long MAX_PER_SECOND = 10_000_000_000L;

    /** Reduced: permits in as many nanoseconds. */
    private final long permits;

    private final long nanos;

    private final long givenPermits;
    private final Duration givenPeriod;

    Rate(long permits, Duration period) {
        Arguments.atLeast(1, permits, "permits");
        Objects.requireNonNull(period, "period");
        if (period.isZero() || period.isNegative()) {
            throw new IllegalArgumentException("period: " + period + ", must be positive");
        }
        long periodNanos = nanosOf(period);
        if (mulDiv(MAX_PER_SECOND, periodNanos, 1_000_000_000L, 0) < permits) {
            throw new IllegalArgumentException(
                    "permits: " + permits + " in " + period + ", must be at most " + MAX_PER_SECOND + " in a second");
        }
        long divisor = greatestCommonDivisor(permits, periodNanos);
        this.permits = permits / divisor;
        this.nanos = periodNanos / divisor;
        givenPermits = permits;
        givenPeriod = period;
    }

    private static long nanosOf(Duration period) {
        try {
            return period.toNanos();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("period: " + period + ", must be at most 292 years", e);
        }
    }

    private static long greatestCommonDivisor(long a, long b) {
        while (b != 0) {
            long rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }

    double permitsPerSecond() {
        return permits * 1e9 / nanos;
    }

    /** Returns how many whole permits come in a time. */
    long permitsIn(long elapsedNanos) {
        return mulDiv(elapsedNanos, permits, nanos, 0);
    }

    /**
     * Returns how long it takes until so many permits have come; {@link Long#MAX_VALUE} if that is longer than can be
     * said.
     */
    long nanosFor(long count) {
        return mulDiv(count, nanos, permits, permits - 1);
    }

    /** {@code (x * y + plus) / z}, rounded down, for what is not negative; {@link Long#MAX_VALUE} if it is more. */
    static long mulDiv(long x, long y, long z, long plus) {
        long high = Math.multiplyHigh(x, y);
        long low = x * y;
        long sum = low + plus;
        if (Long.compareUnsigned(sum, low) < 0) {
            high++;
        }
        if (high == 0) {
            long quotient = sum >= 0 ? sum / z : Long.divideUnsigned(sum, z);
            return quotient >= 0 ? quotient : Long.MAX_VALUE;
        }
        return high >= z ? Long.MAX_VALUE : longDivision(high, sum, z);
    }

    /** Of 128 bits by 63, bit by bit: rare, as it takes a long time at an odd rate to get here. */
    private static long longDivision(long high, long low, long divisor) {
        long rest = high; // less than the divisor, so twice of it fits if taken as unsigned
        long quotient = 0;
        for (int bit = Long.SIZE - 1; bit >= 0; bit--) {
            rest = (rest << 1) | ((low >>> bit) & 1);
            quotient <<= 1;
            if (Long.compareUnsigned(rest, divisor) >= 0) {
                rest -= divisor;
                quotient |= 1;
            }
        }
        return quotient >= 0 ? quotient : Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        return givenPermits + " in " + givenPeriod;
    }
}
