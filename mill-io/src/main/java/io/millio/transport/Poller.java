package io.millio.transport;

import java.io.Closeable;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Waits for sources to become ready. Level-triggered: what is ready and in the interest is reported by each poll until
 * it is no longer ready.
 *
 * <p>A poller belongs to one loop. {@link #add}, {@link #remove} and {@link #wakeup} may be called from any thread,
 * also while {@link #poll} waits and from inside {@link EventSink#ready}; {@link #modify}, {@link #poll} and
 * {@link #close} are called by the loop's thread only, and never two of them at a time, but for {@code modify} inside
 * {@code ready}.
 *
 * <p><b>Writing one.</b> The attachment of a source is opaque: it is returned with each event and not otherwise used.
 * An event must never be reported with the attachment of another source, also where the system reuses a descriptor or
 * the poller one of its slots: a generation per slot, for instance, excludes events of an earlier owner. Events are
 * gathered first and reported when the wait is over and every lock is released, since a handler that runs in
 * {@code ready} may call back.
 */
public interface Poller extends Closeable {
    /** A poller's own handle of an added source. */
    interface Key {}

    /**
     * Adds a source. Its events may be reported, by the thread that polls, before this returns; a poll in progress
     * takes it into account at once or after a {@link #wakeup}. Any thread; never waits for a turn to end.
     *
     * @param source a source of this poller's transport
     * @param attachment passed to {@link EventSink#ready} with each event of the source
     * @param interest what to report
     * @return the handle for {@link #modify} and {@link #remove}
     * @throws IllegalArgumentException if the source is of another transport
     * @throws IllegalStateException if the source is registered already; that registration is left as it is
     * @throws IOException if the source is closed or the system refuses it; then nothing has been added
     */
    Key add(Source source, Object attachment, Interest interest) throws IOException;

    /**
     * Replaces the interest in a source, from the next poll on; does nothing if it was removed. Hang-ups and errors
     * that were reported before may be reported once more. Loop thread only, O(1).
     */
    void modify(Key key, Interest interest);

    /**
     * Removes a source; a second call does nothing. After a call on the loop's thread no event of it is reported, also
     * none that the poll in progress has gathered; after a call on another thread one that is just being reported may
     * still arrive. The source may be added again, here or elsewhere, as soon as this returns. Any thread.
     */
    void remove(Key key);

    /**
     * Reports what is ready, waiting until the deadline if nothing is. Returns early after a {@link #wakeup}, an
     * interrupt, or without a cause. A source that was closed without {@link #remove} is reported as
     * {@link Readiness#CLOSED}. An exception that the sink throws is thrown from here; events not yet reported come
     * with the next poll or are lost. Loop thread only.
     *
     * @param deadlineNanos a time of the clock that the poller was opened with; in the past: does not wait
     * @param sink receives the events of at most as many sources as the poller's event capacity; the rest comes with
     *     the next poll
     */
    void poll(long deadlineNanos, EventSink sink) throws IOException;

    /** Ends a poll that waits, or else makes the next one return without waiting. Any thread. */
    void wakeup();

    /**
     * Called when a thread other than the loop's is about to wait until no thread drives the loop. A poller whose loop
     * cannot make progress meanwhile runs it: a simulated one, which has one thread run at a time. Any thread. Does
     * nothing, unless overridden.
     *
     * @param over whether the wait is over
     */
    default void awaitTurn(BooleanSupplier over) {}

    /** Releases all system resources; a second call does nothing. Sources are not closed. Loop thread only. */
    @Override
    void close() throws IOException;
}
