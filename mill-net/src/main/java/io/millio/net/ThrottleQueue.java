package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.limit.RateLimiter;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A limit of bytes per second on one loop, and the queue of those that wait for it. A direction of a connection that
 * finds no permits pauses and waits in the queue; when its turn comes it may move one slice, a part of a hundredth of a
 * second, and goes to the end of the queue if it has more (round robin, Nagle, RFC 970). Permits are taken when bytes
 * move, never in advance, so a change of the rate holds at once. The timer is late by up to two ticks: the burst, worth
 * more than that, keeps the rate. Loop thread only, except {@link #stats}. O(1).
 */
final class ThrottleQueue implements Runnable {
    private static final int SLICES_PER_SECOND = 100;

    /** Where many wait, the hundredth of a second is shared, but not into slices smaller than this. */
    private static final int MIN_SLICE_BYTES = 2048;

    /** The maximum sleep of the timer: a change of the rate is noticed as soon. */
    private static final long MAX_SLEEP_NANOS = 100_000_000;

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

    /** May take permits though others wait. */
    private @Nullable Throttle turn;

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
        if (turn != by && !waiting.isEmpty()) {
            return 0;
        }
        long some = Math.min(bytes, sliceBytes());
        if (waiting.isEmpty()) {
            some = Math.min(bytes, Math.max(some, limiter.available())); // after a rest more than one slice
        }
        turn = null;
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
            if (next == null || (!next.isOver() && waitNanos(next) > 0)) {
                break;
            }
            waiting.remove();
            count(WAIT_NANOS, loop.nanoTime() - next.sinceNanos());
            turn = next;
            try {
                next.resume();
            } finally {
                turn = null;
            }
        }
        arm();
    }

    private long waitNanos(Throttle next) {
        long missing = Math.min(next.wantedBytes(), sliceBytes()) - limiter.available();
        return missing <= 0 ? 0 : (long) Math.ceil(missing * 1e9 / limiter.permitsPerSecond());
    }

    private long sliceBytes() {
        long bytes = (long) (limiter.permitsPerSecond() / SLICES_PER_SECOND);
        long shared = bytes / Math.max(1, waiting.size());
        return Math.max(1, Math.min(limiter.burst(), Math.min(bytes, Math.max(shared, MIN_SLICE_BYTES))));
    }

    private void arm() {
        Throttle next = waiting.peek();
        if (next == null) {
            return;
        }
        long nanos = next.isOver() ? 0 : Math.min(MAX_SLEEP_NANOS, waitNanos(next));
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
