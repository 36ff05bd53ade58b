package io.millio.timer;

import java.util.Objects;
import java.util.function.LongSupplier;

/*
 * The idea. Ticks count from the wheel's birth and never wrap; nanoseconds may. The two are tied together at the start
 * of the present tick, which moves on as time does, so a deadline's distance is always measured from nearby.
 */

/**
 * One wheel's time: translates the nanoseconds of a clock to ticks of one microsecond since the wheel was made.
 * Deadlines are rounded up, the present is rounded down, and the present never moves backwards.
 *
 * <p>Not thread-safe: owned by one turn at a time. Everything is O(1).
 */
final class TickClock {
    static final long TICK_NANOS = 1_000;

    /** The farthest a deadline can be from the present tick: 2^64 ns are less than this, in ticks. */
    private static final long FARTHEST_TICKS = 1L << 55;

    /** The longest wait that fits a long of nanoseconds, in ticks. */
    private static final long LONGEST_WAIT_TICKS = Long.MAX_VALUE / TICK_NANOS;

    private final LongSupplier nanoClock;
    private final long lastTick;

    private long nowTick;

    /** The clock's value at the start of {@code nowTick}. */
    private long nowTickNanos;

    /** Makes a clock that stands at tick 0; no tick it gives reaches {@code endTick}. */
    TickClock(LongSupplier nanoClock, long endTick) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        lastTick = endTick - FARTHEST_TICKS;
        nowTickNanos = nanoClock.getAsLong();
    }

    long nowTick() {
        return nowTick;
    }

    long readNanos() {
        return nanoClock.getAsLong();
    }

    void advance(long nowNanos) {
        long ticks = (nowNanos - nowTickNanos) / TICK_NANOS;
        if (ticks <= 0) {
            return;
        }
        if (ticks > lastTick - nowTick) {
            throw new IllegalStateException("the clock has moved beyond the wheel's span of " + lastTick + " us");
        }
        nowTick += ticks;
        nowTickNanos += ticks * TICK_NANOS;
    }

    long tickOf(long deadlineNanos) {
        long aheadNanos = deadlineNanos - nowTickNanos;
        // Only what looks past may have overflowed, so only then is the clock needed.
        return aheadNanos > 0
                ? nowTick + (aheadNanos - 1) / TICK_NANOS + 1
                : tickOf(deadlineNanos, nanoClock.getAsLong());
    }

    /**
     * Returns the tick of a deadline. Distinguishes a past deadline from one so far ahead that its distance from the
     * present tick, which lags the clock by the time since the last {@link #advance}, does not fit a signed long.
     */
    long tickOf(long deadlineNanos, long clockNanos) {
        long aheadNanos = deadlineNanos - nowTickNanos;
        boolean lagging = clockNanos - nowTickNanos >= 0;
        boolean ahead = aheadNanos > 0 || (aheadNanos < 0 && lagging && deadlineNanos - clockNanos >= 0);
        return ahead
                ? nowTick + Long.divideUnsigned(aheadNanos - 1, TICK_NANOS) + 1
                : nowTick + aheadNanos / TICK_NANOS;
    }

    /** Gives the wait until a tick starts, 0 if it has, and less than {@link Long#MAX_VALUE} however long it is. */
    long nanosUntil(long tick, long nowNanos) {
        long sinceTickNanos = nowNanos - nowTickNanos;
        long waitTicks = tick - nowTick - Math.floorDiv(sinceTickNanos, TICK_NANOS);
        // A tick once reached stays reached, though the clock may have stepped back since.
        if (tick <= nowTick || waitTicks <= 0) {
            return 0;
        }
        // Whole ticks, as a wait that is cut short must not come out longer than it is.
        return waitTicks > LONGEST_WAIT_TICKS
                ? LONGEST_WAIT_TICKS * TICK_NANOS
                : waitTicks * TICK_NANOS - Math.floorMod(sinceTickNanos, TICK_NANOS);
    }
}
