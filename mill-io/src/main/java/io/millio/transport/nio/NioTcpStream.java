package io.millio.transport.nio;

import io.millio.internal.Addresses;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/** A {@link SocketChannel}. The channel itself keeps its descriptor while a call uses it. */
final class NioTcpStream extends NioSource<TcpStream> implements TcpStream {
    /**
     * The most of a heap buffer that one call gives the platform, which copies it to direct memory of that size and
     * keeps that with the thread.
     */
    private static final int SLICE_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final SocketAddress remote;

    // Only ever set, by the one writer of the stream.
    private volatile boolean outputShut;

    NioTcpStream(SocketChannel channel, SocketAddress remote) {
        this.channel = channel;
        this.remote = remote;
    }

    @Override
    SocketChannel channel() {
        return channel;
    }

    @Override
    public boolean finishConnect() throws IOException {
        try {
            boolean connected = channel.finishConnect();
            if (connected) {
                changed(); // the same interest means another operation now
            }
            return connected;
        } catch (IOException e) {
            close();
            throw NioErrors.at(e, "connecting to " + Addresses.text(remote));
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        int limit = to.limit();
        slice(to);
        try {
            int got = channel.read(to);
            if (got < 0) {
                inputEnded = true;
            }
            return got;
        } catch (IOException e) {
            throw failed(e, "reading");
        } finally {
            to.limit(limit);
        }
    }

    /** Cuts a large heap buffer; returns whether it did. */
    private static boolean slice(ByteBuffer buffer) {
        boolean large = !buffer.isDirect() && buffer.remaining() > SLICE_BYTES;
        if (large) {
            buffer.limit(buffer.position() + SLICE_BYTES);
        }
        return large;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int limit = from.limit();
        int total = 0;
        boolean more;
        try {
            do {
                boolean sliced = slice(from);
                total += channel.write(from);
                more = sliced && !from.hasRemaining();
                from.limit(limit);
            } while (more);
            return total;
        } catch (IOException e) {
            throw failed(e, "writing");
        } finally {
            from.limit(limit);
        }
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        for (int i = 0; i < length; i++) {
            ByteBuffer each = from[offset + i];
            int limit = each.limit();
            if (slice(each)) {
                try {
                    return gather(from, offset, i + 1);
                } finally {
                    each.limit(limit);
                }
            }
        }
        return gather(from, offset, length);
    }

    private long gather(ByteBuffer[] from, int offset, int length) throws IOException {
        try {
            return channel.write(from, offset, length);
        } catch (IOException e) {
            throw failed(e, "writing");
        }
    }

    private IOException failed(IOException cause, String what) {
        failed = true;
        return NioErrors.at(cause, what + " " + this);
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (outputShut) {
            throw new SocketException("output is shut down already: " + this);
        }
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            throw failed(e, "shutting down the output of");
        }
        outputShut = true;
    }

    @Override
    public SocketAddress localAddress() {
        try {
            SocketAddress local = channel.getLocalAddress();
            return local == null ? remote : local; // a Unix-domain stream that connects has no name of its own yet
        } catch (IOException e) {
            return remote;
        }
    }

    @Override
    public SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public String toString() {
        return (remote instanceof InetSocketAddress ? "tcp" : "unix") + " stream "
                + (isOpen() ? Addresses.text(localAddress()) : "(closed)") + " - " + Addresses.text(remote);
    }
}
