package io.millio.net.wire;

import io.millio.net.tls.TlsInfo;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The way of bytes between a connection and its socket. The plain one has no state and is shared by all; one that
 * encrypts or counts has an object a connection. Loop only; the contracts of the methods are those of
 * {@link TcpStream}.
 */
public interface Wire {
    /** Bytes go as they are. */
    Wire PLAIN = new Plain();

    int read(TcpStream stream, ByteBuffer to) throws IOException;

    int write(TcpStream stream, ByteBuffer from) throws IOException;

    long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException;

    /** Sends the end of output; what of that the system does not take is held, as other output is. */
    void shutdownOutput(TcpStream stream) throws IOException;

    /**
     * Whether bytes go to the socket as they are, so that the system may send a file by itself. Any thread that has the
     * connection.
     */
    default boolean isPlain() {
        return false;
    }

    /** Whether there may be bytes to read, or the end, that the poller does not report. */
    default boolean holdsInput() {
        return false;
    }

    /** Whether bytes that count as written have not been taken by the system yet. */
    default boolean holdsOutput() {
        return false;
    }

    /** Writes what is held; true if nothing is any more. */
    default boolean flush(TcpStream stream) throws IOException {
        return true;
    }

    /** Whether its protocol has an end of its own, which a close must send. */
    default boolean hasCloseNotify() {
        return false;
    }

    /** What a handshake has come to; null: there is none. Any thread that has the connection. */
    default @Nullable TlsInfo tls() {
        return null;
    }

    /** Gives buffers back. Once, when nothing else is called any more. */
    default void release() {}

    /** Passes everything on. */
    final class Plain implements Wire {
        private Plain() {}

        @Override
        public boolean isPlain() {
            return true;
        }

        @Override
        public int read(TcpStream stream, ByteBuffer to) throws IOException {
            return stream.read(to);
        }

        @Override
        public int write(TcpStream stream, ByteBuffer from) throws IOException {
            return stream.write(from);
        }

        @Override
        public long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException {
            return stream.write(from, 0, length);
        }

        @Override
        public void shutdownOutput(TcpStream stream) throws IOException {
            stream.shutdownOutput();
        }
    }
}
