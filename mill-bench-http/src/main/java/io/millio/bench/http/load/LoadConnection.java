package io.millio.bench.http.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A connection of the load. In the load's thread. */
final class LoadConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer request;
    private final ResponseReader reader = new ResponseReader();
    private int unanswered;
    private long sentNanos;

    /** Connects, which waits. */
    LoadConnection(SocketAddress server, Selector selector, ByteBuffer request) throws IOException {
        this.request = request;
        channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(server);
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends the requests of the profile; all before must have been answered. */
    void send(int count, long nowNanos) throws IOException {
        unanswered = count;
        sentNanos = nowNanos;
        request.clear();
        write();
    }

    /** Writes what can be written of the requests. */
    void write() throws IOException {
        channel.write(request);
        int interest = request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    /**
     * Reads what is there, once.
     *
     * @return how many requests are answered by that
     */
    int read(ByteBuffer direct, byte[] bytes) throws IOException {
        direct.clear();
        int got = channel.read(direct);
        if (got < 0) {
            throw new EOFException("closed by the server");
        }
        direct.flip().get(bytes, 0, got);
        int answered = reader.read(bytes, got);
        if (answered > unanswered) {
            throw new IOException("more answers than requests");
        }
        unanswered -= answered;
        return answered;
    }

    boolean isIdle() {
        return unanswered == 0;
    }

    long sentNanos() {
        return sentNanos;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
