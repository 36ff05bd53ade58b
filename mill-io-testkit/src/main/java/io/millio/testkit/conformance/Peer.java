package io.millio.testkit.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The other end of a connection, outside of the loop under test. No call blocks; one thread at a time. */
public interface Peer extends Closeable {
    /**
     * Writes what can be written now.
     *
     * @param from the bytes
     * @return how many were written
     * @throws IOException if the connection is broken
     */
    int write(ByteBuffer from) throws IOException;

    /**
     * Reads what is there now.
     *
     * @param to where to put it
     * @return how many bytes were read; -1 at the end
     * @throws IOException if the connection is broken
     */
    int read(ByteBuffer to) throws IOException;

    /**
     * Ends the bytes of this side; reading goes on.
     *
     * @throws IOException if the connection is broken
     */
    void shutdownOutput() throws IOException;

    /**
     * Breaks the connection, so that the other side sees a reset.
     *
     * @throws IOException if that is not possible
     */
    void reset() throws IOException;
}
