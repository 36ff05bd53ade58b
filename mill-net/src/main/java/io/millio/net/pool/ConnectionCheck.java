package io.millio.net.pool;

import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;

/**
 * Checks whether a connection that was idle for long is still usable, with a "ping" of its protocol for instance.
 * Called in the loop.
 */
@FunctionalInterface
public interface ConnectionCheck {
    /** Receives the result of a check, once; further calls are ignored. Loop thread only. */
    @FunctionalInterface
    interface Result {
        /** Completes the check. */
        void usable(boolean usable);
    }

    /**
     * Starts a check.
     *
     * @param connection the connection to check
     * @param result to be called when the check is complete, which may be before this method returns
     * @return the handler of the connection until the check is complete
     */
    ConnectionHandler start(Connection connection, Result result) throws Exception;
}
