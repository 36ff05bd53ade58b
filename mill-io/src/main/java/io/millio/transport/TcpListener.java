package io.millio.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A socket that takes connections, over TCP or a Unix-domain socket. One thread at a time, but for {@link #close}. */
public interface TcpListener extends Source {
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

    /** Where it listens: the port that was given for a port 0. */
    SocketAddress localAddress();

    /** Sets an option of the socket. */
    <T> TcpListener setOption(SocketOption<T> option, T value) throws IOException;

    /** An option of the socket. */
    <T> T getOption(SocketOption<T> option) throws IOException;

    /** The options that the socket has. */
    Set<SocketOption<?>> supportedOptions();
}
