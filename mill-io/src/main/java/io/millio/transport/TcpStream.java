package io.millio.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * A connection, over TCP or a Unix-domain socket; non-blocking. At most one thread reads and one writes at a time; {@link #close} is for any thread. Failures
 * name the addresses, and a {@link java.nio.channels.ClosedChannelException} says that this side has closed.
 */
public interface TcpStream extends Source {
    /**
     * Completes a connection attempt; call it when the stream becomes writable. After a failure the stream is closed.
     *
     * @return false while the attempt goes on
     * @throws IOException why the attempt failed: {@link java.net.ConnectException} when refused
     */
    boolean finishConnect() throws IOException;

    /**
     * Reads what is there, up to the room in the buffer.
     *
     * @return the number of bytes; 0 when nothing is there now; -1 at the end of input, after which the loop asks for no more
     */
    int read(ByteBuffer to) throws IOException;

    /** Writes as much as the system takes now, and returns how much that was. */
    int write(ByteBuffer from) throws IOException;

    /** Writes the buffers in order, in one call, as far as the system takes them now. */
    long write(ByteBuffer[] from, int offset, int length) throws IOException;

    /**
     * Tells the peer that no more will come; reading goes on.
     *
     * @throws IOException if it was done before, or the stream is closed or not connected
     */
    void shutdownOutput() throws IOException;

    /** The address of this side. */
    SocketAddress localAddress();

    /** The address of the peer, also while it is being connected to. */
    SocketAddress remoteAddress();

    /** Sets an option of the socket. {@code SO_LINGER} 0 makes {@link #close} a reset. */
    <T> TcpStream setOption(SocketOption<T> option, T value) throws IOException;

    /** An option of the socket. */
    <T> T getOption(SocketOption<T> option) throws IOException;

    /** The options that the socket has. */
    Set<SocketOption<?>> supportedOptions();
}
