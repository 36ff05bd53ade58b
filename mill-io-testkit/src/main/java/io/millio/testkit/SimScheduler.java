package io.millio.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The time of a simulation, and who goes on when. There are the strands, what arrives over the network, and what the
 * test has ordered; at each step what is due arrives first, and then one of the strands that can go on is drawn. When
 * none can, the time moves to the next thing: so an hour in which nothing happens costs nothing.
 *
 * <p>A strand that is under way comes to a {@link #point} at each thing it asks of the network, and at each reading of
 * the clock; there another may be drawn. So two threads meet in all the ways in which their calls can be interleaved.
 *
 * <p>Everything here is confined to the thread that holds the baton: one strand, or the driver, the thread of the test.
 */
final class SimScheduler {
    static final long NEVER = Long.MAX_VALUE;

    /** What a call costs, so that the time goes on even where a loop spins. */
    private static final long CALL_NANOS = 100;

    /** How long a strand may keep the baton, in real time, before it counts as stuck. */
    private static final long STUCK_SECONDS = Long.getLong("millio.testkit.deadlineSeconds", 10);

    /** A thing that happens at a time; those of the same time in the order in which they were ordered. */
    static final class Due implements Comparable<Due> {
        final long nanos;
        final long number;
        final Runnable action;
        boolean cancelled;

        Due(long nanos, long number, Runnable action) {
            this.nanos = nanos;
            this.number = number;
            this.action = action;
        }

        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(nanos, other.nanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final SimRandom random;
    private final Semaphore driver = new Semaphore(0);
    private final List<Strand> strands = new ArrayList<>();
    private final List<Strand> drawn = new ArrayList<>();
    private final PriorityQueue<Due> arrivals = new PriorityQueue<>();
    private final PriorityQueue<Due> orders = new PriorityQueue<>();
    private long numbers;
    private long nowNanos;
    /** How many steps a drive may take before it counts as endless. */
    long mostSteps = 5_000_000;

    private long steps;
    private long lastStep;

    /** How often a point has another strand drawn. */
    double preemption = 0.125;

    // Volatile: written by the thread that passes the baton on; other threads only compare it with their own strand.
    private volatile @Nullable Strand current;

    // What ends a drive.
    private long limitNanos = NEVER;
    private @Nullable BooleanSupplier condition;
    private boolean conditionMet;
    private @Nullable Throwable conditionFailed;
    private boolean stopped;
    private boolean stuck;
    private boolean quiet; // nothing is left to do, or nothing before the limit

    /** Why the real time is over; null while it is not. Volatile: set by whatever watches it. */
    volatile @Nullable String expired;

    SimScheduler(SimRandom random) {
        this.random = random;
    }

    // ---- time

    long nowNanos() {
        return nowNanos;
    }

    long steps() {
        return steps;
    }

    void jump(long nanos) {
        nowNanos += nanos;
    }

    Due arrival(long delayNanos, Runnable action) {
        return order(arrivals, delayNanos, action);
    }

    Due order(long delayNanos, Runnable action) {
        return order(orders, delayNanos, action);
    }

    private Due order(PriorityQueue<Due> in, long delayNanos, Runnable action) {
        long at = delayNanos > NEVER - 1 - nowNanos ? NEVER - 1 : nowNanos + delayNanos;
        Due due = new Due(at, numbers++, action);
        in.add(due);
        return due;
    }

    private static long next(PriorityQueue<Due> of) {
        Due first = of.peek();
        while (first != null && first.cancelled) {
            of.remove();
            first = of.peek();
        }
        return first == null ? NEVER : first.nanos;
    }

    // ---- strands

    void begin(Strand strand, Runnable body) {
        strands.add(strand);
        strand.begin(body, () -> passOn(strand));
    }

    /** The threads of a host that has crashed never go on. */
    void freeze(SimHost host) {
        for (Strand strand : strands) {
            if (strand.host == host) {
                strand.frozen = true;
            }
        }
    }

    /** The calling thread's strand; null for the driver. */
    private @Nullable Strand own() {
        Strand holder = current;
        if (holder != null && holder.thread != Thread.currentThread()) {
            throw new IllegalStateException(
                    "a simulated network is used by threads of its own and by one that drives it, not" + " by "
                            + Thread.currentThread() + " while " + holder + " is under way");
        }
        return holder;
    }

    /** Whether the calling thread is the driver, not one of the simulation. */
    boolean isDriver() {
        return own() == null;
    }

    /** Something that takes time and lets others go on, perhaps. Never called with a lock held. */
    void point() {
        Strand self = own();
        if (self == null) {
            return;
        }
        nowNanos += CALL_NANOS;
        checkAbandoned(self);
        if (random.chance(preemption)) {
            passOn(self);
            checkAbandoned(self);
        }
    }

    /** Lets others go on, perhaps, in the midst of a lock-free algorithm: no time passes, and nothing is thrown. */
    void interleave(Strand self) {
        if (current == self && !self.abandoned && random.chance(preemption)) {
            passOn(self);
        }
    }

    private static void checkAbandoned(Strand self) {
        if (self.abandoned) {
            throw new Strand.Abandoned();
        }
    }

    /** Lets others go on until a condition holds or a time comes; on the driver too, which then drives. */
    void sleep(long untilNanos, BooleanSupplier until) {
        Strand self = own();
        if (self == null) {
            driveNested(untilNanos, until);
            return;
        }
        nowNanos += CALL_NANOS;
        checkAbandoned(self);
        self.untilNanos = untilNanos;
        self.until = until;
        passOn(self);
        self.until = null;
        checkAbandoned(self);
    }

    private void passOn(Strand self) {
        Strand next = choose();
        if (next == self) {
            return;
        }
        current = next;
        if (next == null) {
            driver.release();
        } else {
            next.giveBaton();
        }
        if (!self.over) {
            self.awaitBaton();
        }
    }

    /** Who goes on; null: the driver, because something is its to do, or because the drive is over. */
    private @Nullable Strand choose() {
        while (true) {
            if (isOver()) {
                return null;
            }
            boolean arrived = false;
            while (next(arrivals) <= nowNanos) {
                arrivals.remove().action.run();
                arrived = true;
            }
            if (arrived && isOver()) {
                return null; // before the time moves on
            }
            if (next(orders) <= nowNanos) {
                return null;
            }
            drawn.clear();
            long next = Math.min(next(arrivals), next(orders));
            for (int i = 0; i < strands.size(); i++) {
                Strand strand = strands.get(i);
                if (strand.canGoOn(nowNanos)) {
                    drawn.add(strand);
                } else if (!strand.over) {
                    next = Math.min(next, strand.nextNanos());
                }
            }
            if (!drawn.isEmpty()) {
                steps++;
                return drawn.get(drawn.size() == 1 ? 0 : random.below(drawn.size()));
            }
            if (next > limitNanos || next == NEVER) {
                quiet = true;
                nowNanos = limitNanos == NEVER ? nowNanos : Math.max(nowNanos, limitNanos);
                return null;
            }
            nowNanos = next;
        }
    }

    /** Ends the drive after this step. */
    void stopDriving() {
        stopped = true;
    }

    private boolean isOver() {
        if (stopped
                || conditionMet
                || steps > lastStep
                || conditionFailed != null
                || nowNanos > limitNanos
                || expired != null) {
            return true;
        }
        BooleanSupplier asked = condition;
        if (asked != null) {
            try {
                conditionMet = asked.getAsBoolean();
            } catch (Throwable t) {
                conditionFailed = t;
            }
        }
        return conditionMet || conditionFailed != null;
    }

    // ---- driving

    /** Drives until a time, a condition, or quiet; returns whether it was the condition. */
    boolean drive(long untilNanos, @Nullable BooleanSupplier until) {
        if (own() != null) {
            throw new IllegalStateException("only the test drives the network, not what runs in it");
        }
        limitNanos = untilNanos;
        condition = until;
        conditionMet = false;
        conditionFailed = null;
        quiet = false;
        stopped = false;
        lastStep = steps + mostSteps;
        try {
            while (true) {
                Strand next = choose();
                if (next != null) {
                    current = next;
                    next.giveBaton();
                    awaitReturn();
                }
                strands.removeIf(strand -> strand.over);
                if (steps > lastStep) {
                    throw new AssertionError("no end after " + mostSteps + " steps: something is never done");
                }
                if (expired != null) {
                    throw new AssertionError(expired);
                }
                if (conditionFailed != null) {
                    throw new AssertionError("the condition failed", conditionFailed);
                }
                if (stopped || conditionMet || quiet || nowNanos > limitNanos) {
                    return conditionMet;
                }
                runOrders();
            }
        } finally {
            limitNanos = NEVER;
            condition = null;
        }
    }

    private void runOrders() {
        while (next(orders) <= nowNanos) {
            orders.remove().action.run();
        }
    }

    private void driveNested(long untilNanos, BooleanSupplier until) {
        long outerLimit = limitNanos;
        BooleanSupplier outerCondition = condition;
        try {
            do {
                drive(untilNanos, until);
            } while (stopped && !until.getAsBoolean()); // a failure is reported by the test's own drive
            if (untilNanos == NEVER && !until.getAsBoolean()) {
                throw new IllegalStateException("the test waits for what never comes: nothing is left to do");
            }
        } finally {
            limitNanos = outerLimit;
            condition = outerCondition;
            conditionMet = false;
            quiet = false;
        }
    }

    private void awaitReturn() {
        if (Strand.acquire(driver, STUCK_SECONDS)) {
            return;
        }
        stuck = true;
        SimThreads.stuck();
        StringBuilder text = new StringBuilder(
                "a simulated thread is stuck, in a lock that another one holds or in a call" + " that blocks: ");
        Strand holder = current;
        text.append(holder);
        if (holder != null && holder.thread != null) {
            for (StackTraceElement frame : holder.thread.getStackTrace()) {
                text.append("\n    at ").append(frame);
            }
        }
        throw new AssertionError(text.toString());
    }

    /** Whether a strand keeps the baton, so that nothing goes on any more. */
    boolean isStuck() {
        return stuck;
    }

    /** Gives up the strands that are still there. By the driver. */
    void abandonAll() {
        for (Strand strand : List.copyOf(strands)) {
            strand.abandoned = true;
            while (!strand.over) {
                current = strand;
                conditionMet = true; // the thread that passes the baton on returns it to the driver
                strand.giveBaton();
                awaitReturn();
            }
        }
        conditionMet = false;
        strands.clear();
        arrivals.clear();
        orders.clear();
    }
}
