package io.millio.net.wire;

import io.millio.net.tls.TlsInfo;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way of bytes between a connection and its socket. The defaults are those of the plain one, which has no state and
 * is shared by all; one that encrypts has an object a connection. Loop only; the contracts of the methods are those of
 * {@link TcpStream}.
 */
public interface Wire {
    /** Bytes go as they are. */
    Wire PLAIN = new Wire() {};

    default int read(TcpStream stream, ByteBuffer to) throws IOException {
        return stream.read(to);
    }

    default int write(TcpStream stream, ByteBuffer from) throws IOException {
        return stream.write(from);
    }

    default long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException {
        return stream.write(from, 0, length);
    }

    /** Sends the end of output; what of that the system does not take is held, as other output is. */
    default void shutdownOutput(TcpStream stream) throws IOException {
        stream.shutdownOutput();
    }

    /**
     * Whether bytes go to the socket as they are, so that the system may send a file by itself, and a close has no end
     * of a protocol to send. Any thread that has the connection.
     */
    default boolean isPlain() {
        return this == PLAIN;
    }

    /** Whether there may be bytes to read, or the end, that the poller does not report. */
    default boolean holdsInput() {
        return false;
    }

    /** Whether bytes that count as written have not been taken by the system yet. */
    default boolean holdsOutput() {
        return false;
    }

    /** How many bytes are held: see {@link #holdsOutput}. */
    default int heldOutputBytes() {
        return 0;
    }

    /** Whether output may go on when the peer's has ended. */
    default boolean endsSeparately() {
        return true;
    }

    /** Writes what is held; true if nothing is any more. */
    default boolean flush(TcpStream stream) throws IOException {
        return true;
    }

    /** The result of the TLS handshake; null without TLS. Any thread that has the connection. */
    default @Nullable TlsInfo tls() {
        return null;
    }

    /** Gives buffers back. Once, when nothing else is called any more. */
    default void release() {}
}
