package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.limit.RateLimiter;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A limit of bytes per second on one loop, and the queue of those that wait for it. A direction of a connection that
 * finds no permits pauses and waits in the queue; when its turn comes it may move one slice, a part of a hundredth of a
 * second, and goes to the end of the queue if it has more (round robin, Nagle, RFC 970). Only the first has permits
 * reserved. The timer is late by up to two ticks: the burst, worth more than that, keeps the rate. Loop thread only,
 * except {@link #stats}. O(1).
 */
final class ThrottleQueue implements Runnable {
    private static final int SLICES_PER_SECOND = 100;

    /** Where many wait, the hundredth of a second is shared, but not into slices smaller than this. */
    private static final int MIN_SLICE_BYTES = 2048;

    /** The maximum sleep of the timer: a change of the rate is noticed as soon. */
    private static final long MAX_SLEEP_NANOS = 100_000_000;

    private static final long MAX_WAIT_NANOS = Arguments.MAX_NANOS;

    private static final int BYTES = 0;
    private static final int WAITS = 1;
    private static final int WAIT_NANOS = 2;
    private static final int DROPPED = 3;

    private final EventLoop loop;
    private final RateLimiter limiter;

    // Written by the loop only, read by any thread.
    private final AtomicLongArray counts = new AtomicLongArray(DROPPED + 1);

    /** Those that have ended stay until their turn comes. */
    private final Queue<Throttle> waiting = new ArrayDeque<>();

    /** Whose turn it is, and what it may still move. */
    private @Nullable Throttle turn;

    private long grantedBytes;

    // What is reserved for the first from a time on, so that several loops with one limit take turns; 0: nothing.
    private long reservedBytes;
    private long dueNanos;
    private double reservedAtRate;

    private @Nullable Timer timer;

    private ThrottleQueue(EventLoop loop, RateLimiter limiter) {
        this.loop = loop;
        this.limiter = limiter;
    }

    /** The one of a loop for a limit; null without one. */
    static @Nullable ThrottleQueue of(NetLoop net, @Nullable RateLimiter limiter) {
        return limiter == null ? null : new ThrottleQueue(net.loop, limiter);
    }

    /** Any thread. */
    RateLimiter limiter() {
        return limiter;
    }

    /** Takes permits for some of these bytes; 0: there are none, or others wait. */
    long tryTake(Throttle by, long bytes) {
        if (turn == by && grantedBytes > 0) {
            long granted = Math.min(bytes, grantedBytes);
            grantedBytes -= granted;
            return granted;
        }
        if (!waiting.isEmpty()) {
            return 0;
        }
        long some = Math.min(bytes, Math.max(sliceBytes(), limiter.available())); // after a rest more than one slice
        return limiter.reserve(some, 0) == 0 ? some : 0;
    }

    void giveBack(long bytes) {
        if (bytes > 0) {
            limiter.giveBack(bytes);
        }
    }

    /** Takes permits for bytes that have moved already: those that come next wait the longer. */
    void owe(long bytes) {
        limiter.reserve(bytes, Long.MAX_VALUE);
    }

    /** Adds one that waits for its turn. */
    void await(Throttle throttle) {
        waiting.add(throttle);
        count(WAITS, 1);
        if (waiting.size() == 1) {
            arm();
        }
    }

    /** The time of the first has come: at most one round, so that a large burst does not starve the rest. */
    @Override
    public void run() {
        for (int turns = waiting.size(); turns > 0; turns--) {
            Throttle next = waiting.peek();
            if (next == null || (!next.isOver() && leftNanos(next) > 0)) {
                break;
            }
            waiting.remove();
            count(WAIT_NANOS, loop.nanoTime() - next.sinceNanos());
            if (next.isOver()) {
                continue; // what is reserved is for the next
            }
            turn = next;
            grantedBytes = reservedBytes;
            reservedBytes = 0;
            try {
                next.resume();
            } finally {
                turn = null;
                giveBack(grantedBytes);
                grantedBytes = 0;
            }
        }
        arm();
    }

    /** How long until the first may go on; reserves for it, anew when the rate has changed. */
    private long leftNanos(Throttle next) {
        double rate = limiter.permitsPerSecond(); // before the reservation: a change in between is noticed
        if (reservedBytes > 0 && reservedAtRate != rate) {
            giveBack(reservedBytes);
            reservedBytes = 0;
        }
        if (reservedBytes == 0) {
            long bytes = Math.min(next.wantedBytes(), sliceBytes());
            long waitNanos = limiter.reserve(bytes, MAX_WAIT_NANOS);
            if (waitNanos < 0) {
                return MAX_SLEEP_NANOS; // in more than a lifetime
            }
            reservedBytes = bytes;
            reservedAtRate = rate;
            dueNanos = loop.nanoTime() + waitNanos;
        }
        return dueNanos - loop.nanoTime();
    }

    private long sliceBytes() {
        long bytes = (long) (limiter.permitsPerSecond() / SLICES_PER_SECOND);
        long shared = bytes / Math.max(1, waiting.size());
        return Math.max(1, Math.min(limiter.burst(), Math.min(bytes, Math.max(shared, MIN_SLICE_BYTES))));
    }

    private void arm() {
        Throttle next = waiting.peek();
        if (next == null) {
            giveBack(reservedBytes);
            reservedBytes = 0;
            return;
        }
        long nanos = next.isOver() ? 0 : Math.max(0, Math.min(MAX_SLEEP_NANOS, leftNanos(next)));
        Timer known = timer;
        if (known != null && known.restartNanos(nanos)) {
            return;
        }
        try {
            timer = loop.scheduleNanos(nanos, this);
        } catch (RejectedExecutionException e) {
            // The loop is closing: the end of each connection is reported.
        }
    }

    /** The only connection that it limits has ended. */
    void close() {
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
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

    /** Any thread; without a limit: zeros. */
    static LimitStats stats(@Nullable ThrottleQueue of) {
        if (of == null) {
            return LimitStats.NONE;
        }
        AtomicLongArray counts = of.counts;
        return new LimitStats(
                counts.getOpaque(BYTES),
                counts.getOpaque(WAITS),
                counts.getOpaque(WAIT_NANOS),
                counts.getOpaque(DROPPED));
    }
}
