package io.millio.net;

import io.millio.net.wire.TlsBuffers;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * A client by the platform's engine over a socket of its own, driven step by step: it does what no decent client does,
 * and reads only when the test calls for it. One thread.
 */
final class EnginePeer implements AutoCloseable {
    private static final int SMALL_BYTES = 4 * 1024;

    final SSLEngine engine;
    private final SocketChannel channel = SocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocate(TlsBuffers.RECORD_BYTES).limit(0);
    private final ByteBuffer out =
            ByteBuffer.allocate(16 * TlsBuffers.RECORD_BYTES).limit(0);
    private final ByteBuffer plain = ByteBuffer.allocate(TlsBuffers.RECORD_BYTES);

    /** Connects; the system keeps little of what it does not read. */
    EnginePeer(SocketAddress to, String protocol) throws Exception {
        engine = TlsPeersTest.platformContext().createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {protocol});
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BYTES);
        channel.connect(to);
        channel.configureBlocking(false);
        engine.beginHandshake();
    }

    /** Shakes hands, and lets the other side go on in between. */
    void handshake(Venue venue) {
        venue.until("hands are shaken", this::goOnWithHandshake);
    }

    private boolean goOnWithHandshake() {
        try {
            if (!flush()) {
                return false;
            }
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
                        task.run();
                    }
                }
                case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
                case FINISHED, NOT_HANDSHAKING -> {
                    return flush();
                }
            }
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void unwrap() throws IOException {
        Status status = engine.unwrap(in, plain.clear()).getStatus();
        if (status == Status.BUFFER_UNDERFLOW) {
            in.compact();
            channel.read(in);
            in.flip();
        }
    }

    /** Encrypts what is to be sent with the next {@link #flush}. */
    void wrap(ByteBuffer bytes) throws IOException {
        out.compact();
        try {
            engine.wrap(bytes, out);
        } finally {
            out.flip();
        }
    }

    /** A key update that asks for one (TLS 1.3), or the begin of a second handshake (TLS 1.2). */
    void handshakeAgain() throws IOException {
        engine.beginHandshake();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(ByteBuffer.allocate(0));
        }
    }

    /** Bytes that are no work of the engine's. */
    void raw(byte[] bytes) {
        out.compact().put(bytes).flip();
    }

    /** Sends what the system takes; true if that is all. */
    boolean flush() throws IOException {
        while (out.hasRemaining() && channel.write(out) > 0) {}
        return !out.hasRemaining();
    }

    /** Reads and decrypts what has come; returns how many bytes of data that was, or -1 at the end. */
    int read() throws IOException {
        int before;
        int total = 0;
        do {
            before = in.remaining();
            in.compact();
            int got = channel.read(in);
            in.flip();
            if (got < 0 && !in.hasRemaining()) {
                return total == 0 ? -1 : total;
            }
            while (in.hasRemaining() && engine.unwrap(in, plain.clear()).getStatus() == Status.OK) {
                total += plain.position();
            }
        } while (in.remaining() != before);
        return total;
    }

    /** As {@link #read}, where nothing should go wrong. */
    int tryRead() {
        try {
            return Math.max(0, read());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
