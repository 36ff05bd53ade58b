package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Arguments;
import io.millio.internal.RunSubject;
import io.millio.limit.RateLimiter;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A limit of bytes per second on one loop, and the queue of those that wait for it. A direction of a connection that
 * finds no permits pauses and waits in the queue; when its turn comes it may move one slice, a part of a hundredth of a
 * second, and goes to the end of the queue if it has more (round robin, Nagle, RFC 970). Only the first has permits
 * reserved. The timer is late by a millisecond with {@code java.nio}: the burst, worth more than that, keeps the rate.
 * Loop thread only, except {@link #stats}. O(1).
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer
final class ThrottleQueue implements Runnable, RunSubject {
    private static final int SLICES_PER_SECOND = 100;

    /** Where many wait, the hundredth of a second is shared, but not into slices smaller than this. */
    private static final int MIN_SLICE_BYTES = 2048;

    /** The maximum sleep of the timer: a change of the rate is noticed as soon. */
    private static final long MAX_SLEEP_NANOS = 100_000_000;

    private static final long MAX_WAIT_NANOS = Arguments.MAX_NANOS;

    final RateLimiter limiter;
    private final EventLoop loop;

    // Written by the loop only, read by any thread.
    private volatile long passedBytes;
    private volatile long waits;
    private volatile long waitNanos;
    private volatile long droppedBytes;

    // Those that wait, linked, so that no call needs memory. Those that have ended stay until their turn comes.
    private @Nullable Throttle first;
    private @Nullable Throttle last;
    private int waiting;

    /** Whose turn it is, opaque for reports from other threads, and what it may still move. */
    private final AtomicReference<@Nullable Throttle> turn = new AtomicReference<>();

    private long grantedBytes;

    // What is reserved for the first from a time on, so that several loops with one limit take turns; 0: nothing.
    private long reservedBytes;
    private long dueNanos;
    private double reservedAtRate;

    private @Nullable Timer timer;

    ThrottleQueue(EventLoop loop, RateLimiter limiter) {
        this.loop = loop;
        this.limiter = limiter;
    }

    /** Takes permits for some of these bytes; 0: there are none, or others wait. */
    long tryTake(Throttle by, long bytes) {
        if (turn.getPlain() == by && grantedBytes > 0) {
            long granted = Math.min(bytes, grantedBytes);
            grantedBytes -= granted;
            return granted;
        }
        if (waiting > 0) {
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

    /** So many have moved of those that were taken. */
    void moved(long taken, long bytes) {
        giveBack(taken - bytes);
        passedBytes += bytes;
    }

    /** Takes permits for bytes that have moved already: those that come next wait the longer. */
    void owe(long bytes) {
        limiter.reserve(bytes, Long.MAX_VALUE);
        passedBytes += bytes;
    }

    /** So many were to move, and never will. */
    void dropped(long bytes) {
        droppedBytes += bytes;
    }

    /** Adds one that waits for its turn. */
    void await(Throttle throttle) {
        Throttle before = last;
        if (before == null) {
            first = throttle;
        } else {
            before.next = throttle;
        }
        last = throttle;
        waiting++;
        waits++;
        if (before == null) {
            boolean armed = false;
            try {
                arm();
                armed = true;
            } finally {
                if (!armed) {
                    remove(throttle); // without a timer it, and all behind it, would wait for ever
                }
            }
        }
    }

    private void remove(Throttle of) {
        first = of.next;
        of.next = null;
        if (first == null) {
            last = null;
        }
        waiting--;
    }

    /** The time of the first has come: at most one round, so that a large burst does not starve the rest. */
    @Override
    public void run() {
        try {
            runRound();
        } finally {
            arm();
        }
    }

    private void runRound() {
        for (int turns = waiting; turns > 0; turns--) {
            Throttle next = first;
            if (next == null || (!next.over && leftNanos(next) > 0)) {
                break;
            }
            remove(next);
            waitNanos += loop.nanoTime() - next.sinceNanos;
            if (next.over) {
                continue; // what is reserved is for the next
            }
            turn.setOpaque(next);
            grantedBytes = reservedBytes;
            reservedBytes = 0;
            try {
                next.resume();
            } catch (Throwable t) {
                next.failed(t); // it alone: the others have their turn
            } finally {
                turn.setOpaque(null);
                giveBack(grantedBytes);
                grantedBytes = 0;
            }
        }
    }

    /** How long until the first may go on; reserves for it, anew when the rate has changed. */
    private long leftNanos(Throttle next) {
        double rate = limiter.permitsPerSecond(); // before the reservation: a change in between is noticed
        if (reservedBytes > 0 && reservedAtRate != rate) {
            giveBack(reservedBytes);
            reservedBytes = 0;
        }
        if (reservedBytes == 0) {
            long bytes = Math.min(next.wantedBytes, sliceBytes());
            long dueInNanos = limiter.reserve(bytes, MAX_WAIT_NANOS);
            if (dueInNanos < 0) {
                return MAX_SLEEP_NANOS; // in more than a lifetime
            }
            reservedBytes = bytes;
            reservedAtRate = rate;
            dueNanos = loop.nanoTime() + dueInNanos;
        }
        return dueNanos - loop.nanoTime();
    }

    private long sliceBytes() {
        long bytes = (long) (limiter.permitsPerSecond() / SLICES_PER_SECOND);
        long shared = bytes / Math.max(1, waiting);
        return Math.max(1, Math.min(limiter.burst(), Math.min(bytes, Math.max(shared, MIN_SLICE_BYTES))));
    }

    private void arm() {
        Throttle next = first;
        if (next == null) {
            giveBack(reservedBytes);
            reservedBytes = 0;
            return;
        }
        long nanos = next.over ? 0 : Math.max(0, Math.min(MAX_SLEEP_NANOS, leftNanos(next)));
        try {
            timer = NetLoop.start(timer, loop, nanos, this);
        } catch (RejectedExecutionException e) {
            // The loop is closing: the end of each connection is reported.
        }
    }

    @Override
    public Object runSubject() {
        Throttle moving = turn.getOpaque();
        return moving == null ? this : moving.connection;
    }

    /** The only connection that it limits has ended. */
    void close() {
        NetLoop.cancel(timer);
    }

    /** Any thread; without a limit: zeros. */
    static LimitStats stats(@Nullable ThrottleQueue of) {
        return of == null ? LimitStats.NONE : new LimitStats(of.passedBytes, of.waits, of.waitNanos, of.droppedBytes);
    }
}
