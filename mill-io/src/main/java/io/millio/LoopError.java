package io.millio;

/**
 * A failure that cannot be reported to a caller.
 *
 * @param origin where it happened
 * @param subject what failed: the {@link Registration} for {@code HANDLER}, {@code ACCEPT}, {@code DISPATCH} and
 *     {@code CLOSE}, or for {@code HANDLER} the connection, file watcher or the like whose callback threw, the
 *     {@link Runnable} for {@code TASK}, the {@link Timer} for {@code TIMER}, the {@link EventLoop} for {@code LOOP}
 * @param cause the exception
 */
public record LoopError(Origin origin, Object subject, Throwable cause) {
    /** The origin of a failure. */
    public enum Origin {
        /** A method of an {@link EventHandler} threw. */
        HANDLER,
        /** A task given to {@link EventLoop#execute} threw. */
        TASK,
        /** The task of a timer threw. */
        TIMER,
        /** A listener could not accept, for want of descriptors or memory; the loop tries again after a pause. */
        ACCEPT,
        /** The executor of the loop rejected a run; the source has been closed. */
        DISPATCH,
        /** A source could not be closed properly. */
        CLOSE,
        /** The loop itself failed and has ended. */
        LOOP
    }
}
