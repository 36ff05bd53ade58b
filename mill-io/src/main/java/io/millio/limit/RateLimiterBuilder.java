package io.millio.limit;

import io.millio.internal.Arguments;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link RateLimiter}: each is checked when it is given. One thread at a time; may be used for several
 * limiters.
 */
public final class RateLimiterBuilder {
    private @Nullable Rate rate;
    private long ratePermits;
    private long burst; // 0: the permits of the rate
    private LongSupplier nanoClock = System::nanoTime;

    RateLimiterBuilder() {}

    /**
     * Sets the rate; required.
     *
     * @param permits the permits of a period, at least 1
     * @param period positive, at most 292 years
     * @throws IllegalArgumentException if one is out of range, or there are more than 10^10 permits a second
     */
    public RateLimiterBuilder rate(long permits, Duration period) {
        rate = new Rate(permits, period);
        ratePermits = permits;
        return this;
    }

    /**
     * Sets how many permits are available at once after an idle time, from 1 up to 2^60. Default: the permits of the
     * period. The limiter starts with a full burst.
     */
    public RateLimiterBuilder burst(long burst) {
        this.burst = checkedBurst(burst);
        return this;
    }

    static long checkedBurst(long burst) {
        if (burst > Meter.MAX_PERMITS) {
            throw new IllegalArgumentException("burst: " + burst + ", must be at most 2^60");
        }
        return Arguments.atLeast(1, burst, "burst");
    }

    /**
     * Sets the clock: nanoseconds since an arbitrary moment; a loop's, for example. Default {@link System#nanoTime}.
     */
    public RateLimiterBuilder nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Creates a limiter.
     *
     * @throws IllegalStateException if no rate was given
     */
    public RateLimiter build() {
        return new RateLimiter(givenRate(), burstOrDefault(), nanoClock);
    }

    /**
     * Creates a limiter that has a limit of this kind for each key.
     *
     * @param maxKeys the maximum number of keys tracked at a time, at least 1
     * @param <K> the keys: with {@code equals} and {@code hashCode}
     * @throws IllegalStateException if no rate was given
     */
    public <K> KeyedRateLimiter<K> buildKeyed(int maxKeys) {
        Arguments.atLeast(1, maxKeys, "maxKeys");
        return new KeyedRateLimiter<>(givenRate(), burstOrDefault(), nanoClock, maxKeys);
    }

    private Rate givenRate() {
        if (rate == null) {
            throw new IllegalStateException("rate: not given, and there is no default");
        }
        return rate;
    }

    private long burstOrDefault() {
        return burst == 0 ? Math.min(ratePermits, Meter.MAX_PERMITS) : burst;
    }
}
