package io.millio.net;

import io.millio.internal.Arguments;
import io.millio.limit.RateLimiter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How fast one direction of a connection may go.
 *
 * @param burst how many bytes at once after a rest
 */
record ByteRate(long perSecond, long burst) {
    /** Checked, with the name of the setting. */
    static ByteRate of(long bytesPerSecond, long burstBytes, String setting) {
        Arguments.atLeast(1, bytesPerSecond, setting + " bytesPerSecond");
        Arguments.atLeast(1, burstBytes, setting + " burstBytes");
        ByteRate rate = new ByteRate(bytesPerSecond, burstBytes);
        try {
            RateLimiter unused = rate.newLimiter(System::nanoTime);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
        return rate;
    }

    RateLimiter newLimiter(LongSupplier nanoClock) {
        return RateLimiter.builder()
                .rate(perSecond, Duration.ofSeconds(1))
                .burst(burst)
                .nanoClock(nanoClock)
                .build();
    }
}
