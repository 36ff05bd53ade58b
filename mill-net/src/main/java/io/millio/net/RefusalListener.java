package io.millio.net;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Called for connections that a server has accepted and that never opened, so that no handler knows of them. */
@FunctionalInterface
public interface RefusalListener {
    /**
     * A connection has ended before it was open. In the turn of its loop.
     *
     * @param remote who it was: the client if a PROXY header has named it, else the peer
     * @param cause why
     * @param failure the exception that goes with the cause, if there is one
     */
    void onRefused(SocketAddress remote, CloseCause cause, @Nullable Throwable failure);
}
