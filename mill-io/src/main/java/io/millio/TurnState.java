package io.millio;

import io.millio.transport.EventSink;
import java.util.Arrays;

/**
 * What changes at every turn: the events that the poll told, and the time. An object of its own, with room around it:
 * submitters on other threads read the reactor's fields at each task, and must not find their cache lines written to at
 * each turn.
 *
 * <p>Loop's turn only, but for {@link #pollsBegun}.
 */
final class TurnState implements EventSink {
    /** How many events' objects are fetched at a time; few enough to be there still when their turn comes. */
    private static final int TOUCHED_AHEAD = 32;

    @SuppressWarnings("unused")
    private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14;

    // Parallel, the first size of each: registry ids, and what they are ready for.
    private long[] ids;
    private int[] readiness;
    private int size;

    // Of no use, but that the compiler can't leave out what it is made of.
    @SuppressWarnings("unused")
    private int touched;

    // Written by the loop before each poll, read by workers after each run; volatile on both sides, so that a run that
    // does not
    // see a poll has ended before it.
    private volatile long pollsBegun;

    /** The time of the turn, of the loop's clock. */
    long nanos;

    /** How many events of this turn have found their handler. */
    int eventsHandled;

    @SuppressWarnings("unused")
    private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

    TurnState(int eventCapacity, long nanos) {
        this.ids = new long[eventCapacity];
        this.readiness = new int[eventCapacity];
        this.nanos = nanos;
    }

    /** The next poll is about to look. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void beginPoll() {
        pollsBegun = pollsBegun + 1;
    }

    /** How many polls have begun. Any thread. */
    long pollsBegun() {
        return pollsBegun;
    }

    /** Takes up one event of the poll; handlers run when the poll is over. */
    @Override
    public void ready(long id, int ready) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
            readiness = Arrays.copyOf(readiness, size * 2);
        }
        ids[size] = id;
        readiness[size++] = ready;
    }

    /** Gives each event to its registration, if that still lives. */
    void tellEvents(HandlerRegistry registry) {
        int told = size;
        size = 0;
        eventsHandled = 0;
        for (int i = 0; i < told; i++) {
            if (i % TOUCHED_AHEAD == 0 && told > TOUCHED_AHEAD) {
                touch(registry, i, Math.min(i + TOUCHED_AHEAD, told));
            }
            SourceRegistration registration = registry.at(ids[i]);
            if (registration != null) {
                registration.onReady(readiness[i]);
            }
        }
    }

    /**
     * Has the processor fetch what the next runs begin with. With thousands of sources each run finds its objects far
     * from the processor; fetched one run at a time they are waited for one after the other, as a system call lets
     * nothing pass, but here together. See docs/decisions/0003.
     */
    private void touch(HandlerRegistry registry, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            SourceRegistration registration = registry.at(ids[i]);
            if (registration != null) {
                sum += registration.touch();
            }
        }
        touched = sum;
    }
}
