package io.millio.net;

import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The way of bytes between a connection and its socket. The plain one has no state and is shared by all; one that encrypts or
 * counts has an object a connection. Loop only; the contracts of the methods are those of {@link TcpStream}.
 */
interface Wire {
    /** Bytes go as they are. */
    Wire PLAIN = new Plain();

    int read(TcpStream stream, ByteBuffer to) throws IOException;

    int write(TcpStream stream, ByteBuffer from) throws IOException;

    long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException;

    void shutdownOutput(TcpStream stream) throws IOException;

    /** Passes everything on. */
    final class Plain implements Wire {
        private Plain() {}

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
