package io.millio.timer;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/*
 * The idea. Hierarchical timing wheels: G. Varghese and T. Lauck, "Hashed and Hierarchical Timing Wheels: Data
 * Structures for the Efficient Implementation of a Timer Facility", SOSP 1987 (scheme 7).
 *
 * A tick number is read as ten digits of six bits. A timer lies on the level of the highest digit in which its tick
 * differs from the cursor, in the slot of that digit. So every timer of a fine level is due before every timer of a
 * coarser one, slots are in time order within a level, and the earliest timer is always in the first occupied slot of
 * the finest occupied level: ten bitmaps of 64 bits find it. Each slot also keeps a lower bound of its ticks, exact
 * until its earliest timer is cancelled, so the cursor jumps from tick to tick and a loop sleeps until there is work.
 *
 * When the cursor enters the block of a coarse slot, that slot's timers move to finer levels at once and in list
 * order. No timer can have been put on those finer slots before, which is why equal ticks stay in schedule order.
 */

/**
 * A timer wheel with ticks of one microsecond, for one event loop.
 *
 * <p>A timer never fires early: its deadline is rounded up to a tick, the present is rounded down. Timers fire in tick
 * order, timers of one tick in the order of their {@code schedule} or {@code reschedule} calls. Time only moves in
 * {@code expire}, and never backwards: a clock that steps back makes the wheel wait, not repeat. A deadline that the
 * wheel has passed counts for the tick the wheel has reached.
 *
 * <p>Clock values are {@link System#nanoTime()}-like: the origin is arbitrary, values may be negative and may wrap, for
 * only differences count. One step of time may be up to 292 years, and all of them together about 36,000 years.
 *
 * <p>Once the arrays have grown nothing is allocated. A timer takes 24 bytes besides its task (28 without compressed
 * references), at most twice that just after the arrays have doubled. The arrays never shrink.
 *
 * <p>Not thread-safe: owned by one turn at a time.
 *
 * @param <T> what a timer carries and {@code expire} hands out
 */
public final class TimerWheel<T> {
    /** The answer of {@link #nanosUntilNext} when no timer is live, in nanoseconds. */
    public static final long NONE_NANOS = Long.MAX_VALUE;

    /** The most timers a wheel can hold, in timers. */
    public static final int MAX_TIMERS = TimerNodes.MAX_TIMERS;

    private static final int DEFAULT_TIMERS = 64;

    private static final int LEVEL_BITS = 6;
    private static final int LEVELS = 10;
    private static final int SLOTS_PER_LEVEL = 1 << LEVEL_BITS;
    private static final int SLOT_MASK = SLOTS_PER_LEVEL - 1;

    /** Ten digits of six bits count to here; see {@link #expire(long, int, Consumer)} for what it means in years. */
    private static final long END_TICK = 1L << (LEVELS * LEVEL_BITS);

    /* Lists: one for each slot, then two that share one more bitmap. */
    private static final int DUE = LEVELS * SLOTS_PER_LEVEL;
    private static final int LATE = DUE + 1;
    private static final int LISTS = LATE + 1;
    private static final int NO_LIST = -1;

    private final TickClock clock;
    private final TimerNodes<T> nodes;
    private final long[] occupied = new long[LEVELS + 1];
    private final long[] minTicks = new long[LISTS];

    /** Up to this tick everything has been fired or lies in DUE; behind the present when a limit cut it short. */
    private long cursorTick;

    private boolean expiring;

    /**
     * Makes an empty wheel; reads the clock once. The arrays start small and double as needed.
     *
     * @param nanoClock gives the present, in nanoseconds of an arbitrary origin
     */
    public TimerWheel(LongSupplier nanoClock) {
        this(nanoClock, DEFAULT_TIMERS);
    }

    /**
     * Makes an empty wheel with room for some timers; reads the clock once.
     *
     * @param nanoClock gives the present, in nanoseconds of an arbitrary origin
     * @param initialCapacity how many timers fit before the arrays first grow
     * @throws IllegalArgumentException if the capacity is not between 1 and {@link #MAX_TIMERS}
     */
    public TimerWheel(LongSupplier nanoClock, int initialCapacity) {
        this(nanoClock, initialCapacity, MAX_TIMERS);
    }

    TimerWheel(LongSupplier nanoClock, int initialCapacity, int maxTimers) {
        if (initialCapacity < 1 || initialCapacity > maxTimers) {
            throw new IllegalArgumentException(
                    "initialCapacity must be between 1 and " + maxTimers + ", not " + initialCapacity);
        }
        clock = new TickClock(nanoClock, END_TICK);
        nodes = new TimerNodes<>(LISTS, initialCapacity, maxTimers);
    }

    /**
     * Starts a timer. A deadline in the past is due at the next {@code expire}, never in one that is under way. O(1),
     * save when the arrays double.
     *
     * @param deadlineNanos when to fire, a value of the wheel's clock, up to 2^63 - 1 ns (292 years) ahead of it
     * @param task handed out when the timer fires
     * @return the timer's handle, never 0; good until the timer fires or is cancelled, and refused for ever after
     * @throws IllegalStateException if {@link #MAX_TIMERS} are live
     */
    public long schedule(long deadlineNanos, T task) {
        Objects.requireNonNull(task, "task");
        return start(clock.tickOf(deadlineNanos), task);
    }

    /**
     * Starts a timer some time from now; reads the clock. Any delay is accepted, as none can overflow. O(1), save when
     * the arrays double.
     *
     * @param delayNanos how long from now, in nanoseconds, at least 0
     * @param task handed out when the timer fires
     * @return the timer's handle, as by {@link #schedule}
     * @throws IllegalArgumentException if the delay is negative
     * @throws IllegalStateException if {@link #MAX_TIMERS} are live
     */
    public long scheduleAfter(long delayNanos, T task) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("delayNanos must not be negative, but is " + delayNanos);
        }
        Objects.requireNonNull(task, "task");
        long clockNanos = clock.readNanos();
        return start(clock.tickOf(clockNanos + delayNanos, clockNanos), task);
    }

    /**
     * Moves a live timer to another deadline, behind all others of that tick. The handle stays good. O(1).
     *
     * @param handle names the timer
     * @param deadlineNanos when to fire, as for {@link #schedule}
     * @return false, and nothing is done, if the handle names no live timer of this wheel
     */
    public boolean reschedule(long handle, long deadlineNanos) {
        int node = nodes.find(handle);
        if (node == TimerNodes.NONE) {
            return false;
        }
        // First, as the clock may throw, and a node must not be left without a list.
        long tick = clock.tickOf(deadlineNanos);
        unlink(node);
        place(node, tick);
        return true;
    }

    /**
     * Stops a timer and lets go of its task at once. O(1).
     *
     * <p>A handle is refused for ever once its timer is gone: a node serves 2^31 timers and is then left unused. A
     * handle of another wheel is refused by the wheel's salt, but for a chance of one in 2^43 at a million timers.
     *
     * @param handle names the timer
     * @return false, and nothing is done, if the handle names no live timer of this wheel
     */
    public boolean cancel(long handle) {
        int node = nodes.find(handle);
        if (node == TimerNodes.NONE) {
            return false;
        }
        unlink(node);
        nodes.release(node);
        return true;
    }

    /**
     * Returns whether the handle names a timer of this wheel that has neither fired nor been cancelled. O(1).
     *
     * @param handle names the timer
     * @return false for a stale or foreign handle
     */
    public boolean isLive(long handle) {
        return nodes.find(handle) != TimerNodes.NONE;
    }

    /**
     * Returns the task of a live timer. O(1).
     *
     * @param handle names the timer
     * @return the task, or null for a stale or foreign handle
     */
    public @Nullable T task(long handle) {
        int node = nodes.find(handle);
        return node == TimerNodes.NONE ? null : nodes.task(node);
    }

    /**
     * Returns the number of live timers, those that are due but have not fired included. O(1).
     *
     * @return the number of timers
     */
    public int size() {
        return nodes.size();
    }

    /**
     * Returns whether no timer is live. O(1).
     *
     * @return true if {@link #size} is 0
     */
    public boolean isEmpty() {
        return nodes.size() == 0;
    }

    /**
     * Returns how long a loop may sleep before it must call {@code expire}: never longer than until the earliest timer
     * is due, and less only where an earlier timer has been cancelled or moved. An {@code expire} that then finds
     * nothing to fire moves the slot's timers to a finer level, so a timer is the cause of at most nine of these. O(1).
     *
     * @param nowNanos the present, a value of the wheel's clock
     * @return the wait in nanoseconds; 0 if there is work now; {@link #NONE_NANOS} if no timer is live, and only then
     */
    public long nanosUntilNext(long nowNanos) {
        if (occupied[LEVELS] != 0) {
            return 0;
        }
        int list = earliestSlot();
        return list == NO_LIST ? NONE_NANOS : clock.nanosUntil(minTicks[list], nowNanos);
    }

    /**
     * Fires the timers that are due by the wheel's clock, which is read once; otherwise as {@link #expire(long, int,
     * Consumer)}.
     *
     * @param limit the most timers to fire, at least 0
     * @param expired is given each task
     * @return how many timers fired
     * @throws IllegalArgumentException if the limit is negative
     * @throws IllegalStateException if called from {@code expired}
     */
    public int expire(int limit, Consumer<? super T> expired) {
        return expire(clock.readNanos(), limit, expired);
    }

    /**
     * Fires the timers that are due, in tick order, then schedule order. Those beyond the limit stay due and are first
     * in the next call. The cost is that of the occupied slots passed and of the timers moved or fired, whatever the
     * time passed; entering a coarse slot moves all its timers, and the limit does not bound that.
     *
     * <p>A timer is gone, and its handle stale, before its task is handed out. The callback may schedule, cancel and
     * reschedule any timer; one that it puts into the past fires in the next call, not in this one. An exception from
     * the callback ends the call and reaches the caller; that timer is spent, the others stay due.
     *
     * @param nowNanos the present, a value of the wheel's clock; the wheel never goes back behind an earlier one
     * @param limit the most timers to fire, at least 0
     * @param expired is given each task
     * @return how many timers fired
     * @throws IllegalArgumentException if the limit is negative
     * @throws IllegalStateException if called from {@code expired}, or if the clock has moved some 36,000 years
     */
    public int expire(long nowNanos, int limit, Consumer<? super T> expired) {
        if (limit < 0) {
            throw new IllegalArgumentException("limit must not be negative, but is " + limit);
        }
        Objects.requireNonNull(expired, "expired");
        if (expiring) {
            throw new IllegalStateException("expire was called from a callback of expire");
        }
        clock.advance(nowNanos);
        int fired = 0;
        expiring = true;
        try {
            while (fired < limit && fillDue()) {
                int node = nodes.next(DUE);
                T task = nodes.task(node);
                unlink(node);
                nodes.release(node);
                fired++;
                expired.accept(task);
            }
        } finally {
            expiring = false;
            admitLate();
        }
        return fired;
    }

    /**
     * Stops all timers, in no particular order. O(live timers). The callback must not throw and not use the wheel.
     *
     * @param cleared is given each task
     * @throws IllegalStateException if called from a callback of {@code expire}
     */
    public void clear(Consumer<? super T> cleared) {
        Objects.requireNonNull(cleared, "cleared");
        if (expiring) {
            throw new IllegalStateException("clear was called from a callback of expire");
        }
        for (int list = 0; list < LISTS; list++) {
            while (nodes.next(list) != list) {
                int node = nodes.next(list);
                T task = nodes.task(node);
                unlink(node);
                nodes.release(node);
                cleared.accept(task);
            }
        }
    }

    /** Brings the earliest tick that is due to DUE. The cursor stops there, so that a limit bounds the work, too. */
    private boolean fillDue() {
        long nowTick = clock.nowTick();
        while (nodes.next(DUE) == DUE) {
            int list = earliestSlot();
            if (list == NO_LIST || minTicks[list] > nowTick) {
                cursorTick = nowTick;
                // The cursor may now be inside the block of that slot, ahead of its timers.
                if (list != NO_LIST && levelOf(minTicks[list]) < list >>> LEVEL_BITS) {
                    cascade(list);
                }
                return false;
            }
            cursorTick = minTicks[list];
            cascade(list);
        }
        return true;
    }

    private int earliestSlot() {
        for (int level = 0; level < LEVELS; level++) {
            long slots = occupied[level];
            if (slots != 0) {
                return (level << LEVEL_BITS) | Long.numberOfTrailingZeros(slots);
            }
        }
        return NO_LIST;
    }

    /** Spreads a slot's timers, in order, over where they belong as seen from the cursor. */
    private void cascade(int list) {
        int node = nodes.next(list);
        int last = nodes.previous(list);
        nodes.link(list, list);
        clearOccupied(list);
        if (list < SLOTS_PER_LEVEL) {
            // The finest slot holds one tick only, which is due, and DUE is empty: the chain moves whole.
            nodes.link(DUE, node);
            nodes.link(last, DUE);
            occupied[LEVELS] |= 1L << DUE;
            return;
        }
        while (node != list) {
            int after = nodes.next(node);
            long tick = nodes.tick(node);
            append(listOf(tick), node, tick);
            node = after;
        }
    }

    private void admitLate() {
        while (nodes.next(LATE) != LATE) {
            int node = nodes.next(LATE);
            long tick = nodes.tick(node);
            unlink(node);
            append(listOf(tick), node, tick);
        }
    }

    private int levelOf(long tick) {
        return (Long.SIZE - 1 - Long.numberOfLeadingZeros(tick ^ cursorTick)) / LEVEL_BITS;
    }

    private int listOf(long tick) {
        if (tick <= cursorTick) {
            return DUE;
        }
        int level = levelOf(tick);
        return (level << LEVEL_BITS) | ((int) (tick >>> (level * LEVEL_BITS)) & SLOT_MASK);
    }

    private long start(long tick, T task) {
        int node = nodes.take(task);
        place(node, tick);
        return nodes.handle(node);
    }

    /** Links a node where a caller wants it: nothing that is due may join a pass that is under way. */
    private void place(int node, long tick) {
        append(expiring && tick <= clock.nowTick() ? LATE : listOf(tick), node, tick);
    }

    private void append(int list, int node, long tick) {
        nodes.setTick(node, tick);
        int last = nodes.previous(list);
        minTicks[list] = last == list ? tick : Math.min(minTicks[list], tick);
        nodes.link(last, node);
        nodes.link(node, list);
        occupied[list >>> LEVEL_BITS] |= 1L << list;
    }

    private void unlink(int node) {
        int before = nodes.previous(node);
        int after = nodes.next(node);
        nodes.link(before, after);
        if (before == after) {
            // Only the ring of a sentinel and one node has the same neighbour on both sides.
            clearOccupied(before);
        }
    }

    private void clearOccupied(int list) {
        occupied[list >>> LEVEL_BITS] &= ~(1L << list);
    }
}
