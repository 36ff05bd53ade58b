package io.millio.net;

import io.millio.pool.BufferPool;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS between a connection and its socket (RFC 8446, RFC 5246). Records are decrypted from a buffer of the loop into the reader's, and
 * encrypted into another one. What has to wait, half a record or what the system does not take, is in leased buffers until then: an
 * idle connection has none.
 *
 * <p>Loop only. While {@link #handshake} has answered {@link Step#TASK} nothing else may be called until the tasks have run.
 */
final class TlsWire implements Wire {
    /** What a handshake waits for. */
    enum Step {
        READ,
        WRITE,
        TASK,
        DONE
    }

    final SSLEngine engine;
    private final TlsOutput output;
    private final TlsBuffers buffers;
    private final BufferPool pool;

    /** Encrypted bytes that have come and are not a whole record, or not asked for yet. */
    private @Nullable Chunk held;

    /** Decrypted bytes for which the reader had no room. */
    private @Nullable Chunk plain;

    private boolean heldMayBeWhole;

    /** Whether the call in progress has read from the socket. */
    private boolean loaded;

    private boolean anyInput;
    private boolean socketEnded;
    private boolean endTold;
    private boolean farewellSaid;

    // Written in the turn before the program has the connection.
    private @Nullable TlsInfo info;

    TlsWire(SSLEngine engine, TlsBuffers buffers, BufferPool pool) {
        this.engine = engine;
        this.output = new TlsOutput(engine, buffers, pool);
        this.buffers = buffers;
        this.pool = pool;
    }

    // ---- handshake

    /** Bytes that were read before it began. */
    void feed(ByteBuffer bytes) {
        hold(bytes);
        heldMayBeWhole = true;
        anyInput = true;
    }

    /** Whether the peer has sent anything. */
    boolean hasRead() {
        return anyInput;
    }

    /** What {@link Step#TASK} asks for; null: nothing more. Any thread, but one at a time. */
    @Nullable
    Runnable nextTask() {
        return engine.getDelegatedTask();
    }

    /** Goes on as far as that is possible now. */
    Step handshake(TcpStream stream) throws IOException {
        if (!output.flush(stream)) {
            return Step.WRITE;
        }
        try {
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> {
                        return Step.TASK;
                    }
                    case NEED_WRAP -> {
                        if (!output.wrapHandshake(stream)) {
                            return Step.WRITE;
                        }
                    }
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        if (!unwrapHandshake(stream)) {
                            return Step.READ;
                        }
                    }
                    case FINISHED, NOT_HANDSHAKING -> {
                        String agreed = engine.getApplicationProtocol();
                        info = new TlsInfo(engine.getSession(), agreed == null ? "" : agreed);
                        return Step.DONE;
                    }
                }
            }
        } catch (SSLException | RuntimeException e) { // the latter of the platform's parser
            throw failed(stream, e);
        }
    }

    /** The tasks have failed, or the parser has: the peer is told, as far as that is possible without waiting. */
    WireException failed(TcpStream stream, Throwable why) {
        sendAlert(stream);
        return why instanceof WireException known
                ? known
                : new WireException(CloseCause.TLS_FAILED, String.valueOf(why.getMessage()), why);
    }

    private void sendAlert(TcpStream stream) {
        try {
            engine.closeOutbound();
            output.wrapPending();
            output.flush(stream);
            // What the peer has sent meanwhile must not turn the end into a reset, which could overtake the alert.
            for (int reads = 0; reads < 16 && stream.read(buffers.in.clear()) > 0; reads++) {}
            stream.shutdownOutput();
        } catch (IOException | RuntimeException e) {
            // It ends anyway, and why is known.
        }
    }

    private boolean unwrapHandshake(TcpStream stream) throws IOException {
        ByteBuffer in = load(stream);
        while (true) {
            // No room for data: that of after the handshake stays in its records.
            SSLEngineResult result = engine.unwrap(in, buffers.plain.clear().limit(0));
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    if (!loaded) {
                        more(stream, in.compact());
                        continue;
                    }
                    hold(in);
                    heldMayBeWhole = false;
                    if (socketEnded) {
                        throw new WireException(
                                anyInput ? CloseCause.TRUNCATED : CloseCause.PEER,
                                "the peer closed the connection during the handshake",
                                null);
                    }
                    return false;
                }
                case CLOSED -> {
                    hold(in);
                    throw new WireException(CloseCause.TLS_FAILED, "the peer ended the handshake", null);
                }
                case OK, BUFFER_OVERFLOW -> {
                    HandshakeStatus next = engine.getHandshakeStatus();
                    if (next != HandshakeStatus.NEED_UNWRAP && next != HandshakeStatus.NEED_UNWRAP_AGAIN) {
                        hold(in);
                        heldMayBeWhole = true;
                        return true;
                    }
                    if (result.bytesConsumed() == 0) {
                        throw new WireException(CloseCause.TLS_FAILED, "data during the handshake", null);
                    }
                }
            }
        }
    }

    // ---- reading

    @Override
    public int read(TcpStream stream, ByteBuffer to) throws IOException {
        Chunk decrypted = plain;
        if (decrypted != null) {
            return takePlain(decrypted, to);
        }
        if (endTold) {
            return -1;
        }
        int begin = to.position();
        ByteBuffer in = load(stream);
        boolean whole = false;
        try {
            while (true) {
                SSLEngineResult result = engine.unwrap(in, to);
                Status status = result.getStatus();
                if (status == Status.BUFFER_OVERFLOW && to.position() == begin) {
                    whole = true; // the next one may be
                    return unwrapAside(in, to);
                }
                if (status == Status.CLOSED) {
                    socketEnded = true; // whatever comes behind the end is none of it
                    in.position(in.limit());
                    break;
                }
                if (status == Status.BUFFER_UNDERFLOW && !loaded) {
                    more(stream, in.compact());
                    continue;
                }
                if (status != Status.OK) {
                    whole = status == Status.BUFFER_OVERFLOW;
                    break;
                }
                answer(result);
                if (!in.hasRemaining()) {
                    break;
                }
            }
        } catch (SSLException | RuntimeException e) {
            throw failed(stream, e);
        } finally {
            hold(in);
            heldMayBeWhole = whole;
        }
        int got = to.position() - begin;
        return got > 0 || !socketEnded ? got : end();
    }

    private int end() throws WireException {
        endTold = true;
        if (engine.isInboundDone()) {
            return -1;
        }
        throw new WireException(
                CloseCause.TRUNCATED, "the connection ended without the close_notify that TLS ends with", null);
    }

    /** A record that is larger than the reader's room: it is decrypted aside, and what does not fit waits. */
    private int unwrapAside(ByteBuffer in, ByteBuffer to) throws IOException {
        ByteBuffer aside = buffers.plain.clear();
        SSLEngineResult result = engine.unwrap(in, aside);
        if (result.getStatus() != Status.OK) {
            throw new WireException(CloseCause.TLS_FAILED, "a record that is too large: " + result.getStatus(), null);
        }
        Chunk decrypted = Chunk.ofSize(aside.flip().remaining(), pool);
        decrypted.append(aside);
        plain = decrypted;
        return takePlain(decrypted, to);
    }

    private int takePlain(Chunk decrypted, ByteBuffer to) {
        ByteBuffer from = decrypted.buffer;
        int count = Math.min(from.remaining(), to.remaining());
        to.put(to.position(), from, from.position(), count);
        to.position(to.position() + count);
        from.position(from.position() + count);
        if (!from.hasRemaining()) {
            plain = null;
            decrypted.release();
            heldMayBeWhole = held != null;
        }
        return count;
    }

    /** What the peer's record calls for: a key update has an answer, and a second handshake has the end. */
    private void answer(SSLEngineResult result) throws IOException {
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        boolean keyUpdate = status == HandshakeStatus.NEED_WRAP
                && engine.getSession().getProtocol().equals("TLSv1.3");
        // After the farewell an engine waits for the peer's, and calls that a handshake.
        boolean ending = (farewellSaid || engine.isInboundDone()) && status != HandshakeStatus.NEED_TASK;
        if (keyUpdate) {
            if (output.isOverfull()) {
                throw new WireException(CloseCause.TLS_FAILED, "key updates without taking the answers", null);
            }
            output.wrapPending();
            if (result.bytesConsumed() == 0 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                throw new WireException(CloseCause.TLS_FAILED, "a key update that can't be answered", null);
            }
        } else if (!ending || result.bytesConsumed() == 0) {
            throw new WireException(CloseCause.RENEGOTIATION, "the peer began a second handshake", null);
        }
    }

    /** What is held, and behind it what the socket has; it is not held any more. */
    private ByteBuffer load(TcpStream stream) throws IOException {
        ByteBuffer in = buffers.in.clear();
        loaded = false;
        Chunk before = held;
        if (before != null) {
            in.put(before.buffer);
            held = null;
            before.release();
        }
        return before != null && heldMayBeWhole ? in.flip() : more(stream, in);
    }

    /** Reads behind what there is, and makes all of it ready to be taken. */
    private ByteBuffer more(TcpStream stream, ByteBuffer in) throws IOException {
        loaded = true;
        if (!socketEnded) {
            try {
                int got = stream.read(in);
                socketEnded = got < 0;
                anyInput |= got > 0;
            } catch (IOException e) {
                hold(in.flip());
                throw e;
            }
        }
        return in.flip();
    }

    private void hold(ByteBuffer bytes) {
        if (bytes.hasRemaining()) {
            Chunk kept = Chunk.ofSize(bytes.remaining(), pool);
            kept.append(bytes);
            held = kept;
        }
    }

    @Override
    public boolean holdsInput() {
        return plain != null || (held != null && heldMayBeWhole) || (socketEnded && !endTold);
    }

    // ---- writing

    @Override
    public int write(TcpStream stream, ByteBuffer from) throws IOException {
        buffers.single[0] = from;
        try {
            return (int) write(stream, buffers.single, 1);
        } finally {
            buffers.single[0] = TlsOutput.NOTHING;
        }
    }

    @Override
    public long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException {
        return output.write(stream, from, length);
    }

    @Override
    public boolean holdsOutput() {
        return output.isHeld();
    }

    @Override
    public boolean flush(TcpStream stream) throws IOException {
        return output.flush(stream);
    }

    @Override
    public void shutdownOutput(TcpStream stream) throws IOException {
        farewellSaid = true;
        output.end(stream);
    }

    @Override
    public boolean hasFarewell() {
        return true;
    }

    @Override
    public @Nullable TlsInfo tls() {
        return info;
    }

    @Override
    public void release() {
        for (Chunk each : new @Nullable Chunk[] {held, plain}) {
            if (each != null) {
                each.release();
            }
        }
        held = null;
        plain = null;
        output.release();
    }
}
