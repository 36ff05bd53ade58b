package io.millio.limit;

import java.util.Objects;

/** Several limits, in the order in which they are asked. Any thread: it has no state of its own. */
final class CombinedRateLimit implements RateLimit {
    private final RateLimit[] limits;

    CombinedRateLimit(RateLimit... limits) {
        Objects.requireNonNull(limits, "limits");
        if (limits.length == 0) {
            throw new IllegalArgumentException("limits: none, must be at least 1");
        }
        this.limits = limits.clone();
        for (int i = 0; i < limits.length; i++) {
            Objects.requireNonNull(this.limits[i], "limits[" + i + "]");
        }
    }

    @Override
    public boolean tryAcquire(long permits) {
        RateLimiter.checkObtainable(permits, burst());
        for (int i = 0; i < limits.length; i++) {
            if (!limits[i].tryAcquire(permits)) {
                for (int taken = i - 1; taken >= 0; taken--) {
                    limits[taken].giveBack(permits);
                }
                return false;
            }
        }
        return true;
    }

    @Override
    public long nanosUntilAvailable(long permits) {
        long longest = 0;
        for (RateLimit limit : limits) {
            longest = Math.max(longest, limit.nanosUntilAvailable(permits));
        }
        return longest;
    }

    @Override
    public void giveBack(long permits) {
        for (RateLimit limit : limits) {
            limit.giveBack(permits);
        }
    }

    @Override
    public long burst() {
        long smallest = Long.MAX_VALUE;
        for (RateLimit limit : limits) {
            smallest = Math.min(smallest, limit.burst());
        }
        return smallest;
    }
}
