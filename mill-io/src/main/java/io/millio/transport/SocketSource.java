package io.millio.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;

/**
 * What all sockets have: an address and options.
 *
 * @param <S> the kind of socket
 */
public interface SocketSource<S extends SocketSource<S>> extends Source {
    /** The address of this side; of a listener with the port that was given for a port 0. Any thread. */
    SocketAddress localAddress();

    /**
     * Sets an option of the socket, and returns the socket. {@code SO_LINGER} 0 makes the close of a stream a reset.
     */
    <T> S setOption(SocketOption<T> option, T value) throws IOException;

    /** An option of the socket. */
    <T> T getOption(SocketOption<T> option) throws IOException;

    /** The options that the socket has. */
    Set<SocketOption<?>> supportedOptions();
}
