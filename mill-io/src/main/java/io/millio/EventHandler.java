package io.millio;

import org.jspecify.annotations.Nullable;

/**
 * Callback invoked when a source is ready.
 *
 * <p>The methods of one registration never run at the same time, and each sees the writes of the one before, in every
 * dispatch mode. They run on the loop's own thread (direct dispatch), on one of its workers, or where the executor of
 * the loop runs them; those of a {@link TurnHandler} always on the loop's thread.
 *
 * <p>An exception affects its own registration only: it is counted and passed to the {@link ErrorHandler}, and the
 * source is closed, unless the loop was built with {@link EventLoopBuilder#keepAfterError}. A listener is not closed,
 * but paused for a while.
 */
@FunctionalInterface
public interface EventHandler {
    /**
     * Called when the source is ready. Level-triggered: called again while bytes are unread, or there is room to write,
     * and the interest includes it.
     *
     * @param event valid until this returns; the next one may be the same object
     */
    void handle(Event event) throws Exception;

    /**
     * Called when the loop is {@linkplain EventLoop#shutdown shutting down}; called once for each live registration.
     * The handler may finish its conversation and then close; this default closes the source as soon as its interest
     * does not include writing.
     */
    default void onShutdown(Registration registration) throws Exception {
        registration.closeWhenWritten();
    }

    /**
     * Called when the registration has ended: deregistered, or its source closed. Called exactly once, after the last
     * {@link #handle} has returned and never from inside another callback.
     *
     * @param cause why, when neither the program nor the end of the loop ended it: an exception that {@link #handle}
     *     threw, or a dispatch that the executor rejected
     */
    default void onClose(Registration registration, @Nullable Throwable cause) throws Exception {}
}
