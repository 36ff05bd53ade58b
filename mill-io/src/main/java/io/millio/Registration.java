package io.millio;

import io.millio.transport.Interest;
import io.millio.transport.Source;
import io.millio.transport.Token;

/**
 * A source in a loop, from {@link EventLoop#register} until it is deregistered or closed. Every method is for any
 * thread.
 */
public interface Registration {
    /** Its token. */
    Token token();

    /** Its source. */
    Source source();

    /** The loop that it is registered with. */
    EventLoop loop();

    /** What it was last asked to tell. */
    Interest interest();

    /**
     * Replaces the interest. From inside the loop it holds at once, from elsewhere as soon as the loop takes it up. An
     * error or hang-up that was told before may be told once more; end of input, once read, is not told again.
     */
    void setInterest(Interest interest);

    /** Whether it is neither deregistered nor closed. */
    boolean isActive();

    /**
     * Ends the registration and leaves the source open, to the caller. A run of the handler in progress may finish,
     * none starts after this returns; then {@link EventHandler#onClose} is told.
     *
     * @throws IllegalStateException if it is over already
     */
    void deregister();

    /** Ends the registration as {@link #deregister} does, and closes the source; a second call does nothing. */
    void close();

    /** Closes when the interest does not include writing: now, or as soon as that is so and no run is in progress. */
    void closeWhenWritten();
}
