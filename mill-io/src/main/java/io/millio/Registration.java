package io.millio;

import io.millio.transport.Interest;
import io.millio.transport.Source;
import io.millio.transport.Token;

/**
 * A source registered with a loop, from {@link EventLoop#register} until it is deregistered or closed. Every method may
 * be called from any thread.
 */
public interface Registration {
    /** Returns the token. */
    Token token();

    /** Returns the source. */
    Source source();

    /** Returns the handler. */
    EventHandler handler();

    /** Returns the loop that the source is registered with. */
    EventLoop loop();

    /** Returns the current interest. */
    Interest interest();

    /**
     * Replaces the interest. From inside the loop it takes effect at once, from other threads in the next turn. An
     * error or hang-up that was reported before may be reported once more; end of input, once read, is not.
     */
    void setInterest(Interest interest);

    /** Returns whether it is neither deregistered nor closed. */
    boolean isActive();

    /**
     * Ends the registration and leaves the source open, to the caller. A run of the handler in progress may finish,
     * none starts after this returns; then {@link EventHandler#onClose} is called.
     *
     * @throws IllegalStateException if it has ended already
     */
    void deregister();

    /** Ends the registration as {@link #deregister} does, and closes the source; a second call does nothing. */
    void close();

    /** Closes when the interest does not include writing: now, or as soon as it does not and no run is in progress. */
    void closeWhenWritten();
}
