package io.millio;

import io.millio.transport.Capability;
import io.millio.transport.Source;
import io.millio.transport.Token;

/**
 * What a source is ready for. Valid during {@link EventHandler#handle}, on its thread.
 *
 * <p>{@link #isReadClosed}, {@link #isWriteClosed} and {@link #isError} are told where the transport can tell
 * ({@link Capability#HANG_UP}), each once; elsewhere the source is readable or writable, and the read or write tells.
 */
public interface Event {
    /** The token of the registration. */
    Token token();

    /** The source that is ready. */
    Source source();

    /** The registration, to change its interest or to end it. */
    Registration registration();

    /** Whether there is something to read or to accept, or the end of input to be found by reading. */
    boolean isReadable();

    /** Whether there is room to write, or a connection attempt has ended. */
    boolean isWritable();

    /** Whether the peer will send no more; bytes that came before may wait to be read. */
    boolean isReadClosed();

    /** Whether the peer will take no more. */
    boolean isWriteClosed();

    /** Whether the source has failed; the next read or write tells how. */
    boolean isError();
}
