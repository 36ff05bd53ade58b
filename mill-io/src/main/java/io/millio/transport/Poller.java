package io.millio.transport;

import java.io.Closeable;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Waits for sources to become ready. Level-triggered: what is ready and wanted is told at each poll until it is dealt
 * with.
 *
 * <p>A poller belongs to one loop. {@link #add}, {@link #remove} and {@link #wakeup} are for any thread, also while
 * {@link #poll} waits; {@link #modify}, {@link #poll} and {@link #close} are for the loop's turn only.
 */
public interface Poller extends Closeable {
    /** A poller's own handle of an added source. */
    interface Key {}

    /**
     * Adds a source. Its events may be told, by the thread that polls, before this returns; a poll under way takes it
     * into account at once or after a {@link #wakeup}. Any thread; never waits for a turn to end.
     *
     * @param source a source of this poller's transport
     * @param id what its events carry; the caller's
     * @param interest what to tell
     * @throws IllegalArgumentException if the source is of another transport
     * @throws IllegalStateException if the source is registered already; that registration is left as it is
     * @throws IOException if the source is closed or the system refuses it; then nothing has been added
     */
    Key add(Source source, long id, Interest interest) throws IOException;

    /**
     * Replaces what is told of a source, from the next poll on; does nothing if it was removed. Loop's turn only, O(1).
     */
    void modify(Key key, Interest interest);

    /**
     * Removes a source; a second call does nothing. Events that a poll has taken up already may still be told: the
     * caller knows them by their id. The source may be added again, here or elsewhere, as soon as this returns. Any
     * thread.
     */
    void remove(Key key);

    /**
     * Tells what is ready, waiting until the deadline if nothing is. Returns early after a {@link #wakeup}, an
     * interrupt, or without a cause. A source that was closed without {@link #remove} is told as
     * {@link Readiness#CLOSED}. Loop's turn only.
     *
     * @param deadlineNanos a time of the clock that the poller was opened with; in the past: don't wait
     * @param sink told of at most as many sources as the poller's event capacity; the rest comes with the next poll
     */
    void poll(long deadlineNanos, EventSink sink) throws IOException;

    /** Ends a poll that waits, or else makes the next one return without waiting. Any thread. */
    void wakeup();

    /**
     * A thread other than the loop's is about to wait until the loop is driven no more. A poller whose loop can't go on
     * meanwhile lets it: a simulated one, which has one thread run at a time. Any thread. Does nothing, unless
     * overridden.
     *
     * @param over whether that has come about
     */
    default void awaitTurn(BooleanSupplier over) {}

    /** Gives everything back to the system; a second call does nothing. Sources are not closed. Loop's turn only. */
    @Override
    void close() throws IOException;
}
