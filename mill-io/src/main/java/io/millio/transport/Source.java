package io.millio.transport;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SelectableChannel;

/**
 * Something that can become ready: a socket that a {@link Transport} opened, or a channel of {@code java.nio}.
 *
 * <p>The program that opened a source closes it until it is registered; from then on the loop closes it when the loop
 * closes. A source can be registered in one place at a time. It has at most one reader and one writer at a time, on any
 * threads; {@link #close} may be called from any thread.
 */
public interface Source extends Closeable {
    /** Returns whether {@link #close} has not been called yet. Any thread. */
    boolean isOpen();

    /** Closes the source; a second call does nothing. Any thread, also while another one reads or writes. */
    @Override
    void close() throws IOException;

    /**
     * Returns what has ended, so that the loop drops its interest in it: {@link Readiness} bits of {@code CLOSED},
     * {@code READ_CLOSED} (a read has returned -1), {@code ERROR} (a read or write has thrown) and {@code EXHAUSTED}; 0
     * while all is well. The loop asks after each run of the handler. Any thread, O(1).
     */
    int condition();

    /**
     * Admits a channel of {@code java.nio} to a transport with {@link Capability#RAW_CHANNELS}: a pipe, say.
     *
     * <p>The channel is read and written directly, so the loop can't see the end of its input: a handler that reads -1
     * closes its registration or drops its interest, or it is called again and again. Closing the channel elsewhere
     * than in its handler leaves the registration in place until the loop closes: close the registration instead.
     *
     * @throws IllegalArgumentException if the channel is in blocking mode
     */
    static ChannelSource of(SelectableChannel channel) {
        return new ChannelSource(channel);
    }
}
