package io.millio.testkit.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;

/** Makes the other ends for one test, and closes them all when the test is over. One thread at a time. */
public interface Peers extends Closeable {
    /**
     * Where a test may listen.
     *
     * @return an address for {@link io.millio.transport.Transport#openListener} that makes the transport choose a free
     *     port
     */
    SocketAddress anyAddress();

    /**
     * An address without a listener.
     *
     * @return an address to which connecting is refused, as long as these peers are open
     * @throws IOException if no such address is available
     */
    SocketAddress refusingAddress() throws IOException;

    /**
     * Connects to a listener of the transport under test, whether or not it accepts already.
     *
     * @param to the listener's address
     * @return the connected peer
     * @throws IOException if the connection is refused
     */
    Peer connect(SocketAddress to) throws IOException;

    /**
     * Listens for connections of the transport under test.
     *
     * @return the listener
     * @throws IOException if that is not possible
     */
    PeerListener listen() throws IOException;

    /**
     * Whether a Unix-domain listener of the transport under test is a file, which the sockets of the system reach.
     *
     * @return true, unless overridden; if not, these behaviours are not tested
     */
    default boolean hasFiles() {
        return true;
    }
}
