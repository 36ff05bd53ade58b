package io.millio;

import org.jspecify.annotations.Nullable;

/**
 * What a program does when a source is ready.
 *
 * <p>The methods of one registration never run at the same time, and each sees what the one before wrote, whatever the
 * dispatch. They run on the loop's own thread (direct dispatch), on one of its workers, or where the executor of the
 * loop runs them; those of a {@link TurnHandler} always on the first.
 *
 * <p>An exception harms nothing but the registration: it is counted and told to the {@link ErrorHandler}, and the
 * source is closed, unless the loop was built with {@link EventLoopBuilder#keepAfterError}. A listener is never closed
 * for it, but paused for a while.
 */
@FunctionalInterface
public interface EventHandler {
    /**
     * The source is ready. What is left unread, or room left unwritten, is told again as long as the interest stands.
     *
     * @param event valid until this returns; the next one may be the same object
     */
    void handle(Event event) throws Exception;

    /**
     * The loop is {@linkplain EventLoop#shutdown shutting down}: told once to each registration that is live then. The
     * handler may finish its conversation and then close; this default closes the source as soon as it does not wait
     * for room to write.
     */
    default void onShutdown(Registration registration) throws Exception {
        registration.closeWhenWritten();
    }

    /**
     * The registration is over: deregistered, or its source closed. Told exactly once, after the last {@link #handle}
     * has returned and never from inside another callback.
     *
     * @param cause why, when it was neither the program's wish nor the loop's end: an exception that {@link #handle}
     *     threw, a dispatch that the executor rejected
     */
    default void onClose(Registration registration, @Nullable Throwable cause) throws Exception {}
}
