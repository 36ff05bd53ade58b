package io.millio.http;

import java.nio.ByteBuffer;

/**
 * Takes the body of a request as it comes: given to {@link HttpRequest#body}. Called in the loop, never inside another
 * callback of the connection. One that throws is treated as a handler that throws.
 */
public interface BodyReader {
    /**
     * A part of the body.
     *
     * @param bytes valid until this returns; all of them count as taken
     */
    void onData(ByteBuffer bytes) throws Exception;

    /** The body has ended; {@link HttpRequest#trailers} are there. */
    void onEnd() throws Exception;

    /**
     * Called when the body cannot be completed: the connection has ended, or the body was refused. Called at most once,
     * and not after {@link #onEnd}.
     *
     * @param failure a {@link HttpException}: what goes wrong here is the peer's doing, and nothing to report
     */
    default void onFailure(Throwable failure) {}
}
