package io.millio.net;

import io.millio.internal.Arguments;
import io.millio.limit.RateLimiter;
import java.time.Duration;

/**
 * How fast one direction of a connection may go.
 *
 * @param perSecond 0: as fast as it can
 * @param burst how many bytes at once after a rest
 */
record ByteRate(long perSecond, long burst) {
    static final ByteRate UNLIMITED = new ByteRate(0, 0);

    /** Checked, with the name of the setting. */
    static ByteRate of(long bytesPerSecond, long burstBytes, String setting) {
        Arguments.atLeast(1, bytesPerSecond, setting + " bytesPerSecond");
        Arguments.atLeast(1, burstBytes, setting + " burstBytes");
        try {
            RateLimiter unused = RateLimiter.builder()
                    .rate(bytesPerSecond, Duration.ofSeconds(1))
                    .burst(burstBytes)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
        return new ByteRate(bytesPerSecond, burstBytes);
    }

    boolean isUnlimited() {
        return perSecond == 0;
    }
}
