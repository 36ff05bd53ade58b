package io.millio.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/*
 * The idea. The generic cell rate algorithm (ITU-T I.371, annex A, as virtual scheduling), counted in permits instead
 * of in time. Permits come at the rate from the origin on; `taken` is how many of them are gone, the unused ones that
 * went beyond the burst included. So whole numbers do, and nothing that was rounded is ever added up:
 *
 *     come  = elapsed * rate, rounded down
 *     start = max(taken, come - burst)         what goes beyond the burst is lost
 *     take n: taken = start + n, at once if that is at most `come`, else when as many will have come
 */

/**
 * One rate, one burst, and the one word of state that goes with them; closed when either is changed.
 *
 * <p>Any thread; lock-free. O(1).
 */
final class Meter {
    /** What a taker gets from a meter that is closed: ask the limiter for its present one. */
    static final long CLOSED = -1;

    /** What a taker gets who would have to wait too long. */
    static final long REFUSED = -2;

    /** The most permits that one call may take, and the largest burst: then no sum here overflows. */
    static final long MAX_PERMITS = 1L << 60;

    /** Reached after 14 years at the highest rate; nothing is let through then. */
    private static final long MAX_TAKEN = 1L << 62;

    private static final long CLOSED_STATE = Long.MIN_VALUE;

    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(Meter.class, "taken", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Rate rate;
    final long burst;
    private final long originNanos;

    // Changed by compare-and-set only; CLOSED_STATE is final.
    private volatile long taken; // from -burst up to MAX_TAKEN

    /**
     * Makes a meter.
     *
     * @param available the permits that are available at once; negative if some are owed
     */
    Meter(Rate rate, long burst, long originNanos, long available) {
        this.rate = rate;
        this.burst = burst;
        this.originNanos = originNanos;
        taken = -available;
    }

    /**
     * Takes permits, and returns after how long they may be used; REFUSED and takes none if that is more than a time.
     */
    long take(long permits, long nowNanos, long maxWaitNanos) {
        long elapsed = Math.max(0, nowNanos - originNanos);
        long come = rate.permitsIn(elapsed);
        while (true) {
            long was = taken;
            if (was == CLOSED_STATE) {
                return CLOSED;
            }
            long next = Math.max(was, come - burst) + permits;
            long wait = 0;
            if (next > come) {
                // The division is for those only who would wait.
                wait = maxWaitNanos == 0 ? Long.MAX_VALUE : rate.nanosFor(next) - elapsed;
            }
            if (wait > maxWaitNanos || next > MAX_TAKEN) {
                return REFUSED;
            }
            if (TAKEN.compareAndSet(this, was, next)) {
                return wait;
            }
        }
    }

    /** After how long permits could be taken, as things are. */
    long nanosUntil(long permits, long nowNanos) {
        long was = taken;
        if (was == CLOSED_STATE) {
            return CLOSED;
        }
        long elapsed = Math.max(0, nowNanos - originNanos);
        long come = rate.permitsIn(elapsed);
        long next = Math.max(was, come - burst) + permits;
        return next <= come ? 0 : rate.nanosFor(next) - elapsed;
    }

    /** Gives back; false if it is closed. */
    boolean giveBack(long permits) {
        while (true) {
            long was = taken;
            if (was == CLOSED_STATE) {
                return false;
            }
            // Not below what the state could be at the start: no more than the burst is available in any case.
            if (TAKEN.compareAndSet(this, was, Math.max(was - Math.min(permits, MAX_PERMITS), -burst))) {
                return true;
            }
        }
    }

    /** Returns what is available at once; negative if permits are owed; {@link Long#MIN_VALUE} if it is closed. */
    long available(long nowNanos) {
        long was = taken;
        return was == CLOSED_STATE ? was : available(was, nowNanos);
    }

    private long available(long was, long nowNanos) {
        long come = rate.permitsIn(Math.max(0, nowNanos - originNanos));
        return come - Math.max(was, come - burst);
    }

    /** Closes it for good, and returns what was available at once. For one thread, once. */
    long close(long nowNanos) {
        long was = (long) TAKEN.getAndSet(this, CLOSED_STATE);
        return available(was, nowNanos);
    }

    /** Closes it for good if it has been at rest long enough to be as good as new. */
    boolean closeIfFull(long nowNanos) {
        long was = taken;
        return was != CLOSED_STATE && available(was, nowNanos) == burst && TAKEN.compareAndSet(this, was, CLOSED_STATE);
    }
}
