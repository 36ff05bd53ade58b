package io.millio.net;

/**
 * Finds out whether a connection that was idle for long is still of use: with a "ping" of its protocol, say. Called in
 * the loop.
 */
@FunctionalInterface
public interface ConnectionCheck {
    /** To be told once, in the loop, what came out; later calls do nothing. */
    @FunctionalInterface
    interface Verdict {
        /** Says whether the connection may be used. */
        void usable(boolean usable);
    }

    /**
     * Begins to check.
     *
     * @param connection to ask on
     * @param verdict may be told before this returns
     * @return hears the connection until the verdict
     */
    ConnectionHandler begin(Connection connection, Verdict verdict) throws Exception;
}
