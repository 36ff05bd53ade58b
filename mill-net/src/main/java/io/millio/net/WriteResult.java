package io.millio.net;

/** The result of a write: {@code while (connection.write(...) == WriteResult.CONTINUE)} ends in every state. */
public enum WriteResult {
    /** The bytes were taken, and more may follow. */
    CONTINUE,
    /**
     * The bytes were taken, and more than the high watermark is queued: the writer should wait for
     * {@link ConnectionHandler#onWritable}.
     */
    PAUSE,
    /** The connection is closed or closing, and has taken nothing or drops it. */
    CLOSED
}
