package io.millio.faults.scenario;

import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** A client over TLS, by the platform's engine; perhaps after an agreement in plain text. */
final class TlsPeer extends Peer {
    private static final int RECORD_BYTES = 33_000;

    /** What each side sends to agree on TLS. */
    static final byte[] AGREEMENT = {'T'};

    private final SSLEngine engine;
    private final ByteBuffer in = ByteBuffer.allocate(RECORD_BYTES).flip();
    private final ByteBuffer out = ByteBuffer.allocate(RECORD_BYTES).flip();
    private final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES);

    private final boolean asks;
    private boolean agreed;

    TlsPeer(
            SimNetwork network,
            SimHost host,
            SocketAddress server,
            int length,
            SSLEngine engine,
            boolean afterAgreement)
            throws IOException {
        super(network, host, server, bytes(length), bytes(length));
        this.engine = engine;
        this.asks = afterAgreement;
        if (afterAgreement) {
            out.clear().put(AGREEMENT).flip();
        }
        engine.setUseClientMode(true);
        engine.beginHandshake();
    }

    @Override
    void exchange() throws IOException {
        if (asks && !agreed) {
            if (flush() || !receive()) {
                return;
            }
            in.get();
            agreed = true;
        }
        output.limit(Math.min(output.capacity(), output.position() + 40));
        boolean progress = true;
        while (progress && !ended) {
            progress = flush() || receive() || step();
        }
    }

    private boolean flush() throws IOException {
        return out.hasRemaining() && stream.write(out) > 0;
    }

    private boolean receive() throws IOException {
        in.compact();
        int count;
        try {
            count = stream.read(in);
        } finally {
            in.flip();
        }
        if (count < 0 && !in.hasRemaining()) {
            end();
        }
        return count > 0;
    }

    private boolean step() throws IOException {
        return switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                engine.getDelegatedTask().run();
                yield true;
            }
            case NEED_WRAP -> wrap();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
            case FINISHED, NOT_HANDSHAKING -> (output.hasRemaining() && wrap()) || unwrap();
        };
    }

    private boolean wrap() throws IOException {
        if (out.hasRemaining()) {
            return false;
        }
        out.clear();
        try {
            return engine.wrap(output, out).bytesProduced() > 0;
        } finally {
            out.flip();
        }
    }

    private boolean unwrap() throws IOException {
        HandshakeStatus before = engine.getHandshakeStatus();
        var result = engine.unwrap(in, plain.clear());
        received.write(plain.array(), 0, plain.position());
        if (result.getStatus() == Status.CLOSED) {
            end();
        }
        return result.bytesConsumed() > 0 || engine.getHandshakeStatus() != before;
    }

    /** Says goodbye with a {@code close_notify}. */
    @Override
    void close() {
        if (!ended && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
            engine.closeOutbound();
            try {
                while (!engine.isOutboundDone() && wrap()) {}
                flush();
            } catch (IOException e) {
                // the server has gone
            }
        }
        super.close();
    }
}
