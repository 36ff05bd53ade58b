package io.millio.limit;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets permits through at a rate, and after a rest a burst of them at once.
 *
 * <pre>{@code
 * RateLimiter limiter = RateLimiter.builder().rate(100, Duration.ofSeconds(1)).burst(20).build();
 * if (!limiter.tryAcquire()) {
 *     refuse(limiter.nanosUntilAvailable(1)); // "retry after"
 * }
 * }</pre>
 *
 * <p>In any time {@code t} it lets at most {@code burst + rate * t} permits through, whole numbers throughout: nothing
 * drifts, however many operations there are. A clock that stands still brings no permits, one that goes back takes none
 * away for good.
 *
 * <p>The algorithm is the generic cell rate algorithm (ITU-T I.371) on one word of state. Any thread; lock-free but for
 * a change of the rate; no call waits and none allocates. O(1).
 */
public final class RateLimiter implements RateLimit {
    private final LongSupplier nanoClock;

    // Volatile: replaced under the limiter's monitor, after the one before was closed; read by any thread.
    private volatile Meter meter;

    RateLimiter(Rate rate, long burst, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        meter = new Meter(rate, burst, nanoClock.getAsLong(), burst);
    }

    /** Returns a builder with the default settings. */
    public static RateLimiterBuilder builder() {
        return new RateLimiterBuilder();
    }

    /**
     * Creates a limiter of so many permits a second, with a burst of as many.
     *
     * @param permits from 1 up to 10^10
     */
    public static RateLimiter perSecond(long permits) {
        return builder().rate(permits, Duration.ofSeconds(1)).build();
    }

    @Override
    public boolean tryAcquire(long permits) {
        while (true) {
            Meter present = meter;
            checkObtainable(permits, present.burst);
            long wait = present.take(permits, nanoClock.getAsLong(), 0);
            if (wait != Meter.CLOSED) {
                return wait == 0;
            }
            Thread.onSpinWait(); // the thread that closed it is about to put another in its place
        }
    }

    /**
     * Takes permits, now or in advance, and returns when they may be used. Later callers wait the longer, and more than
     * the burst can be taken by waiting.
     *
     * @param permits how many, from 1 up to 2^60
     * @param maxWaitNanos how long the caller would wait at most, at least 0
     * @return how many nanoseconds from now they may be used, 0 for at once; -1 if that is more than
     *     {@code maxWaitNanos}, and then none is taken
     * @throws IllegalArgumentException if an argument is out of range
     */
    public long reserve(long permits, long maxWaitNanos) {
        Arguments.between(1, permits, Meter.MAX_PERMITS, "permits");
        Arguments.atLeast(0, maxWaitNanos, "maxWaitNanos");
        while (true) {
            long wait = meter.take(permits, nanoClock.getAsLong(), maxWaitNanos);
            if (wait != Meter.CLOSED) {
                return wait == Meter.REFUSED ? -1 : wait;
            }
            Thread.onSpinWait();
        }
    }

    static void checkObtainable(long permits, long burst) {
        if (permits > burst) {
            throw Arguments.refused("permits", permits, "must be at most the burst: " + burst);
        }
        Arguments.atLeast(1, permits, "permits");
    }

    @Override
    public long nanosUntilAvailable(long permits) {
        while (true) {
            Meter present = meter;
            checkObtainable(permits, present.burst);
            long wait = present.nanosUntil(permits, nanoClock.getAsLong());
            if (wait != Meter.CLOSED) {
                return wait;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void giveBack(long permits) {
        Arguments.atLeast(1, permits, "permits");
        while (!meter.giveBack(permits)) {
            Thread.onSpinWait();
        }
    }

    /** Returns how many permits are available now; negative if some were reserved in advance. */
    public long available() {
        while (true) {
            long available = meter.available(nanoClock.getAsLong());
            if (available != Long.MIN_VALUE) {
                return available;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public long burst() {
        return meter.burst;
    }

    /**
     * Returns the rate, as it is now; one that is no whole number of permits a second is rounded as a {@code double}
     * is.
     */
    public double permitsPerSecond() {
        return meter.rate.permitsPerSecond();
    }

    /**
     * Changes the rate, from now on; the burst stays. What is available at once, or owed, is kept; a permit of which
     * only a part had come starts anew.
     *
     * @throws IllegalArgumentException if the rate is out of range, see {@link RateLimiterBuilder#rate}
     */
    public void setRate(long permits, Duration period) {
        replace(new Rate(permits, period), -1);
    }

    /**
     * Changes rate and burst, as {@link #setRate(long, Duration)}; what is available at once is cut to the new burst.
     *
     * @throws IllegalArgumentException if the rate or the burst is out of range
     */
    public void setRate(long permits, Duration period, long burst) {
        replace(new Rate(permits, period), RateLimiterBuilder.checkedBurst(burst));
    }

    private synchronized void replace(Rate rate, long burst) {
        Meter before = meter;
        long newBurst = burst == -1 ? before.burst : burst;
        long now = nanoClock.getAsLong();
        meter = new Meter(rate, newBurst, now, Math.min(before.close(now), newBurst));
    }

    @Override
    public String toString() {
        Meter present = meter;
        return "rate " + present.rate + ", burst " + present.burst;
    }
}
