package io.millio.testkit.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Takes connections of the transport under test, outside of its loop. No call blocks. */
public interface PeerListener extends Closeable {
    /**
     * Where to connect to.
     *
     * @return an address for {@link io.millio.transport.Transport#openStream}
     */
    SocketAddress address();

    /**
     * The next connection.
     *
     * @return null when none is waiting
     * @throws IOException if the listener is broken
     */
    @Nullable
    Peer accept() throws IOException;
}
