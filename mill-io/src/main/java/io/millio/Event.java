package io.millio;

import io.millio.transport.Capability;
import io.millio.transport.Source;
import io.millio.transport.Token;

/**
 * What a source is ready for. Valid during {@link EventHandler#handle}, on its thread.
 *
 * <p>{@link #isReadClosed}, {@link #isWriteClosed} and {@link #isError} are reported where the transport can
 * ({@link Capability#HANG_UP}), each once; elsewhere the source is readable or writable, and the read or write fails.
 */
public interface Event {
    /** Returns the token of the registration. */
    Token token();

    /** Returns the source that is ready. */
    Source source();

    /** Returns the registration, to change its interest or to end it. */
    Registration registration();

    /** Returns whether there is something to read or to accept, or the end of input to be found by reading. */
    boolean isReadable();

    /** Returns whether there is room to write, or a connection attempt has ended. */
    boolean isWritable();

    /** Returns whether the peer has ended its output; bytes sent before may still be unread. */
    boolean isReadClosed();

    /** Returns whether the peer accepts no more bytes. */
    boolean isWriteClosed();

    /** Returns whether the source has failed; the next read or write throws the reason. */
    boolean isError();
}
