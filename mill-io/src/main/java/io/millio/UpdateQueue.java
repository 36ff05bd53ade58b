package io.millio;

import io.millio.internal.Interleave;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * The registrations and timers that wait for the loop to bring them up to date. Each is in it at most once. Many
 * producers, one consumer: a stack with pushes and one pop of everything (R. K. Treiber, 1986), linked through its
 * elements, which the consumer reverses to the order of the calls. An element is never pushed while it is linked, and
 * nothing but the whole stack is ever taken, so there is no ABA. Lock-free, O(1), allocates nothing, throws nothing.
 *
 * <p>Closed by exchanging the head for a mark, so that each element is either taken by the consumer or refused.
 */
final class UpdateQueue {
    private static final class Mark extends LoopUpdate {
        @Override
        void update() {}

        @Override
        void failed(Throwable why) {}
    }

    private static final LoopUpdate END = new Mark();
    private static final LoopUpdate CLOSED = new Mark();
    private static final VarHandle HEAD;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(UpdateQueue.class, "head", LoopUpdate.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // The element pushed last. Volatile, like the wake-up word: a producer pushes and then looks there, the loop
    // announces its sleep there and then looks here, and one of the two sees the other.
    private volatile LoopUpdate head = END;

    // Taken, newest first, and then reversed and not updated yet, oldest first. Consumer only; fields, so that what
    // throws loses none.
    private LoopUpdate taken = END;
    private LoopUpdate pending = END;

    /** Adds an element unless it is queued already; returns false if the queue is closed. Any thread. */
    boolean add(LoopUpdate update) {
        if (!LoopUpdate.NEXT.compareAndSet(update, null, END)) {
            return true;
        }
        LoopUpdate last;
        do {
            last = head;
            if (last == CLOSED) {
                update.nextUpdate = null;
                return false;
            }
            update.queuedBefore = last == END ? 0 : last.queuedBefore + 1;
            update.nextUpdate = last;
            Interleave.point();
        } while (!HEAD.compareAndSet(this, last, update));
        return true;
    }

    /** Returns whether there is nothing to do. Consumer only. */
    boolean isEmpty() {
        LoopUpdate last = head;
        return (last == END || last == CLOSED) && pending == END && taken == END;
    }

    /** Updates the elements that are queued now, in the order of the calls. Consumer only. */
    void run() {
        runPending();
        LoopUpdate last = head;
        if (last != END && last != CLOSED) {
            Interleave.point();
            taken = (LoopUpdate) HEAD.getAndSet(this, END);
            runPending();
        }
    }

    private void runPending() {
        if (pending == END && taken != END) {
            pending = reversed(taken);
            taken = END;
        }
        while (pending != END) {
            LoopUpdate next = pending;
            pending = Objects.requireNonNull(next.nextUpdate);
            Interleave.point();
            next.nextUpdate = null;
            try {
                next.update();
            } catch (Throwable t) {
                next.failed(t);
            }
        }
    }

    private static LoopUpdate reversed(LoopUpdate last) {
        LoopUpdate done = END;
        LoopUpdate next = last;
        while (next != END) {
            LoopUpdate before = Objects.requireNonNull(next.nextUpdate);
            next.nextUpdate = done;
            done = next;
            next = before;
        }
        return done;
    }

    /** Refuses elements from now on and updates those that are queued. Consumer only; again after it has thrown. */
    void close() {
        while (pending != END || taken != END) {
            runPending();
        }
        LoopUpdate last = (LoopUpdate) HEAD.getAndSet(this, CLOSED);
        if (last != CLOSED) {
            taken = last;
        }
        runPending();
    }
}
