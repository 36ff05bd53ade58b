package io.millio.transport;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A socket that takes connections, over TCP or a Unix-domain socket. One thread at a time, but for {@link #close}. */
public interface TcpListener extends SocketSource<TcpListener> {
    /**
     * The next connection, or null when none is waiting. Non-blocking, with {@code TCP_NODELAY} on.
     *
     * <p>It is also null when the system is out of descriptors or memory: then {@link #condition} has
     * {@link Readiness#EXHAUSTED}, and the loop pauses this listener for a while. A connection that died while it
     * waited is passed over.
     *
     * @throws IOException if this listener is closed
     */
    @Nullable
    TcpStream accept() throws IOException;

    /** Why the last {@link #accept} was exhausted, once; null if it was not. For the loop. */
    @Nullable
    IOException takeAcceptError();
}
