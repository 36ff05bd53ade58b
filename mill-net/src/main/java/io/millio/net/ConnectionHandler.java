package io.millio.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a program does with a connection. One object may serve many connections; what belongs to one of them goes into
 * its {@linkplain Connection#attach attachment}, or each gets a handler of its own.
 *
 * <p>All callbacks of a connection run in the turn of its loop, one at a time and never inside another: they must not
 * block. {@link #onOpen} is the first and {@link #onClose} the last. One that throws closes its connection
 * ({@link CloseCause#HANDLER_FAILED}) and harms nothing else; it is counted by the loop and reported to its error
 * handler.
 */
@FunctionalInterface
public interface ConnectionHandler {
    /**
     * Returns whether {@link Connection#handler} may put another handler in the place of this one. One that accounts
     * for its connections, as a pool does, returns false.
     */
    default boolean isReplaceable() {
        return true;
    }

    /** The connection is there. */
    default void onOpen(Connection connection) throws Exception {}

    /**
     * Bytes have come. What is left in the buffer comes again, in front of the next bytes.
     *
     * @param bytes the loop's: valid until this returns; big-endian
     */
    void onData(Connection connection, ByteBuffer bytes) throws Exception;

    /** After a write that returned {@link WriteResult#PAUSE}: no more than the low watermark is queued. */
    default void onWritable(Connection connection) throws Exception {}

    /**
     * Called when nothing was written for as long as {@link ConnectionOptions#withWriteIdle} says, and again after each
     * such time: to send a heartbeat, for instance. This default does nothing.
     */
    default void onIdle(Connection connection) throws Exception {}

    /**
     * Called when the peer will send no more; once, after the last data. Writing still works; this default closes,
     * after what is queued.
     *
     * @param rest what {@link #onData} has left unread, to which nothing is added any more, and empty if there is
     *     nothing: valid until this returns; what is left of it is dropped
     */
    default void onInputClosed(Connection connection, ByteBuffer rest) throws Exception {
        connection.close();
    }

    /**
     * The server drains or the loop shuts down: the handler may finish its conversation and then close; at the deadline
     * the connection is closed. This default closes, after what is queued.
     */
    default void onDrain(Connection connection) throws Exception {
        connection.close();
    }

    /**
     * The connection has ended; called exactly once.
     *
     * @param cause why
     * @param failure the exception that goes with the cause, if there is one
     */
    default void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) throws Exception {}
}
