package io.millio.limit;

/**
 * A limit of permits over time: one {@link RateLimiter}, or several as one.
 *
 * <p>Any thread. Nothing waits here: a caller that is refused can ask how long to wait. O(1) in each limiter that takes
 * part.
 */
public sealed interface RateLimit permits RateLimiter, CombinedRateLimit {
    /**
     * Takes permits if they are available now.
     *
     * @param permits how many, from 1 up to the {@link #burst}
     * @return false if they are not; then none is taken
     * @throws IllegalArgumentException if they can never be available at once
     */
    boolean tryAcquire(long permits);

    /** Takes one permit if it is available now. */
    default boolean tryAcquire() {
        return tryAcquire(1);
    }

    /**
     * Returns how long until permits are available if no other call takes any: a hint for a "retry after". Takes
     * nothing.
     *
     * @param permits how many, from 1 up to the {@link #burst}
     * @return nanoseconds; 0 if they are available now
     * @throws IllegalArgumentException if they can never be available at once
     */
    long nanosUntilAvailable(long permits);

    /**
     * Gives back permits that were taken and not used; permits beyond the burst are lost.
     *
     * @param permits how many, at least 1
     * @throws IllegalArgumentException if it is not positive
     */
    void giveBack(long permits);

    /** Returns how many permits are available at once after a rest. */
    long burst();

    /**
     * Combines several limits into one: permits are taken from all of them or from none.
     *
     * <p>They are taken one after the other, and given back if a later limit refuses: in between another thread may be
     * refused that would otherwise have been granted. Never are more let through.
     *
     * @param limits at least one
     * @throws IllegalArgumentException if there is none
     */
    static RateLimit allOf(RateLimit... limits) {
        return new CombinedRateLimit(limits);
    }
}
