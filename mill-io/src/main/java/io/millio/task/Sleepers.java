package io.millio.task;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which workers of a crew sleep, and whether one is on its way: so that a burst of tasks wakes one worker, which wakes
 * the next if it finds that there is more, and so on; and nobody is woken while one that was has not looked yet.
 *
 * <p>A worker that finds no task says that it sleeps, then looks again, then parks. A submitter stores its task, then
 * looks at this word. Both stores and both looks are volatile, hence in one order for all: either the worker finds the
 * task or the submitter finds the worker. A submitter that finds another worker on its way leaves it at that: this one
 * looks at the queue again after it has said that it has arrived, or that it sleeps again.
 *
 * <p>The sleeping ones are a stack, so that the one whose caches are warmest is woken first and the others sleep long:
 * the top in the word, the rest as links in an array. (R. K. Treiber's stack, with a version in the word against its
 * ABA problem.)
 *
 * <p>Any thread, lock-free, O(1).
 */
final class Sleepers {
    /** Nobody need be woken. */
    static final int NOBODY = -1;

    /** All that are there are busy, and none is on its way. */
    static final int ALL_BUSY = -2;

    static final int MAX_WORKERS = (1 << 20) - 1;

    private static final long TOP = MAX_WORKERS;
    private static final long ON_ITS_WAY = 1L << 20;
    private static final long VERSION = 1L << 21;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Sleepers.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // The one below each in the stack, plus 1; 0 for none. Written by whoever puts a worker there, before the word; who
    // reads an old one has an old word too, and its compare-and-set fails for the version.
    private final int[] below;

    // The top, plus 1; whether one is on its way; a version. Compare-and-set only. The first worker is on its way from
    // the start, and has yet to be made.
    private volatile long word = ON_ITS_WAY;

    Sleepers(int workers) {
        below = new int[workers];
    }

    /**
     * Takes the right to wake a worker, which is then on its way.
     *
     * @param orMakeOne whether to do so also when none sleeps
     * @return its index, or {@link #NOBODY}, or {@link #ALL_BUSY}: the caller may make one, which is then on its way
     */
    int claim(boolean orMakeOne) {
        while (true) {
            long w = word;
            int top = (int) (w & TOP);
            if ((w & ON_ITS_WAY) != 0 || (top == 0 && !orMakeOne)) {
                return NOBODY;
            }
            long rest = top == 0 ? 0 : below[top - 1];
            if (WORD.compareAndSet(this, w, ((w & ~TOP) | rest | ON_ITS_WAY) + VERSION)) {
                return top == 0 ? ALL_BUSY : top - 1;
            }
        }
    }

    /** The worker that was on its way has arrived. It has to look at the queue once more after this. */
    void arrived() {
        WORD.getAndBitwiseAnd(this, ~ON_ITS_WAY);
    }

    /** A worker sleeps. It has to look at the queue once more after this, before it does. */
    void sleep(int worker, boolean wasOnItsWay) {
        while (true) {
            long w = word;
            below[worker] = (int) (w & TOP);
            long rest = wasOnItsWay ? w & ~(TOP | ON_ITS_WAY) : w & ~TOP;
            if (WORD.compareAndSet(this, w, (rest | (worker + 1)) + VERSION)) {
                return;
            }
        }
    }

    /** Takes one off the stack, on its way or not; {@link #NOBODY} when none sleeps. */
    int takeAny() {
        while (true) {
            long w = word;
            int top = (int) (w & TOP);
            if (top == 0) {
                return NOBODY;
            }
            if (WORD.compareAndSet(this, w, ((w & ~TOP) | below[top - 1]) + VERSION)) {
                return top - 1;
            }
        }
    }

    boolean hasAny() {
        return (word & TOP) != 0;
    }
}
