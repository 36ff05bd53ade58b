package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.limit.RateLimiter;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/*
 * The idea. Who finds no permits waits in a line, and only the first of the line reserves: so few at a time that the wait is
 * short. When its time has come it goes on, and if it has more to do it goes to the end of the line. So
 *
 *  - connections of one loop take turns (round robin, Nagle, RFC 970), each turn worth a part of a hundredth of a second;
 *  - several loops on one limit take turns, too, as a limiter serves reservations in the order in which they were made;
 *  - what is reserved when the rate is changed is little, and can be reserved anew.
 *
 * The timer is late by up to two ticks, but the next reservation follows the one before, not the moment at which that was
 * used: nothing is lost as long as the burst is worth more than that.
 */

/**
 * A limit of bytes a second on one loop, and the line of those that wait for it. Loop only, but for {@link #stats}.
 * O(1).
 */
final class ByteGate implements Runnable {
    private static final int TURNS_PER_SECOND = 100;

    /** Where many wait, the hundredth of a second is shared, but not into pieces smaller than this. */
    private static final int LEAST_BYTES = 2048;

    /** As the loop's timers. */
    private static final long MAX_WAIT_NANOS = Long.MAX_VALUE / 4;

    /** How long the timer waits at most: a change of the rate is noticed as soon. */
    private static final int MAX_SLEEP_MILLIS = 100;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final int BYTES = 0;
    private static final int WAITS = 1;
    private static final int WAIT_NANOS = 2;
    private static final int DROPPED = 3;

    private final EventLoop loop;
    private final RateLimiter limiter;

    // Written in the turn only, read by any thread.
    private final AtomicLongArray counts = new AtomicLongArray(DROPPED + 1);

    private @Nullable Pace first;
    private @Nullable Pace last;
    private int waiting;

    /** What the first may use from a time on; 0: nothing. */
    private long reservedBytes;

    private long dueNanos;
    private double reservedAtRate;
    private @Nullable Timer timer;

    ByteGate(EventLoop loop, RateLimiter limiter) {
        this.loop = loop;
        this.limiter = limiter;
    }

    /** The one of a loop for a limit; null without one. */
    static @Nullable ByteGate of(NetLoop net, @Nullable RateLimiter limiter) {
        return limiter == null ? null : new ByteGate(net.loop, limiter);
    }

    /** Any thread. */
    RateLimiter limiter() {
        return limiter;
    }

    /** Takes permits for some of these bytes, at once; 0: there are none, or others wait. */
    long tryTake(long bytes) {
        if (first != null) {
            return 0;
        }
        long some = Math.min(turnBytes(1), limiter.burst());
        if (some < bytes) {
            some = Math.min(bytes, Math.max(some, limiter.available())); // after a rest more than one turn's
        } else {
            some = bytes;
        }
        return limiter.reserve(some, 0) == 0 ? some : 0;
    }

    /** Takes permits for bytes that have passed, whether there are any or not: who comes next waits the longer. */
    void owe(long bytes) {
        limiter.reserve(bytes, Long.MAX_VALUE);
    }

    void giveBack(long bytes) {
        if (bytes > 0) {
            limiter.giveBack(bytes);
        }
    }

    /** Has one wait for its turn: then it is told how many of the bytes it may move. */
    void await(Pace pace, long bytes) {
        pace.waitsAt = this;
        pace.wantedBytes = bytes;
        pace.sinceNanos = loop.nanoTime();
        Pace before = last;
        pace.before = before;
        if (before == null) {
            first = pace;
        } else {
            before.after = pace;
        }
        last = pace;
        waiting++;
        count(WAITS, 1);
        if (first == pace && reserve(pace)) {
            arm(1); // not now: it is in the middle of something
        }
    }

    /** Ends a wait. */
    void leave(Pace pace) {
        if (first == pace && reservedBytes > 0) {
            giveBack(reservedBytes);
            reservedBytes = 0; // the timer comes, and reserves for the next
        }
        unlink(pace);
    }

    /** Nobody waits any more, or ever will. */
    void close() {
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }

    /** The time of the first has come, if there is one and it was not the timer's that was too early. */
    @Override
    public void run() {
        try {
            // At most one round, so that a large burst does not keep the loop from everything else.
            for (int turns = waiting; turns > 0; turns--) {
                Pace next = first;
                if (next == null || !isDue(next)) {
                    return;
                }
                long bytes = reservedBytes;
                reservedBytes = 0;
                unlink(next);
                next.goOn(this, bytes);
            }
        } finally {
            Timer known = timer;
            if (first != null && (known == null || !known.isWaiting())) {
                arm(1); // the round is over
            }
        }
    }

    private boolean isDue(Pace next) {
        if (reservedBytes > 0 && reservedAtRate != limiter.permitsPerSecond()) {
            giveBack(reservedBytes);
            reservedBytes = 0;
        }
        if (reservedBytes == 0) {
            return reserve(next);
        }
        long leftNanos = dueNanos - loop.nanoTime();
        if (leftNanos <= 0) {
            return true;
        }
        armNanos(leftNanos);
        return false;
    }

    /** Reserves for the first; whether that may be used now. Else the timer is set. */
    private boolean reserve(Pace next) {
        double rate = limiter.permitsPerSecond(); // before the reservation: a change in between is noticed
        long bytes = Math.min(next.wantedBytes, turnBytes(waiting));
        long waitNanos = limiter.reserve(bytes, MAX_WAIT_NANOS);
        if (waitNanos < 0) { // in more than a lifetime
            arm(MAX_SLEEP_MILLIS);
            return false;
        }
        reservedBytes = bytes;
        reservedAtRate = rate;
        dueNanos = loop.nanoTime() + waitNanos;
        if (waitNanos > 0) {
            armNanos(waitNanos);
        }
        return waitNanos == 0;
    }

    /** How many bytes a turn is worth when so many wait. */
    private long turnBytes(int sharedBy) {
        long bytes = (long) (limiter.permitsPerSecond() / TURNS_PER_SECOND);
        return Math.max(1, Math.min(bytes, Math.max(bytes / sharedBy, LEAST_BYTES)));
    }

    private void armNanos(long nanos) {
        arm((int) Math.min(MAX_SLEEP_MILLIS, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI));
    }

    private void arm(int millis) {
        Timer known = timer;
        if (known != null && known.restartNanos(millis * NANOS_PER_MILLI)) {
            return;
        }
        try {
            timer = loop.scheduleNanos(millis * NANOS_PER_MILLI, this);
        } catch (RejectedExecutionException e) {
            // The loop is closing: each connection is told its end.
        }
    }

    private void unlink(Pace pace) {
        Pace before = pace.before;
        Pace after = pace.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        pace.before = null;
        pace.after = null;
        pace.waitsAt = null;
        waiting--;
        count(WAIT_NANOS, loop.nanoTime() - pace.sinceNanos);
    }

    // ---- counts

    void passed(long bytes) {
        count(BYTES, bytes);
    }

    void dropped(long bytes) {
        count(DROPPED, bytes);
    }

    private void count(int what, long more) {
        counts.setOpaque(what, counts.getPlain(what) + more);
    }

    /** Any thread; of none: zeros. */
    static LimitStats stats(@Nullable ByteGate gate) {
        if (gate == null) {
            return LimitStats.NONE;
        }
        AtomicLongArray of = gate.counts;
        return new LimitStats(
                of.getOpaque(BYTES), of.getOpaque(WAITS), of.getOpaque(WAIT_NANOS), of.getOpaque(DROPPED));
    }
}
