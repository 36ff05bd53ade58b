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

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    final SSLEngine engine;
    private final TlsBuffers buffers;
    private final BufferPool pool;

    /** Encrypted bytes that have come and are not a whole record, or not asked for yet. */
    private @Nullable Chunk held;

    /** Decrypted bytes for which the reader had no room. */
    private @Nullable Chunk plain;

    /** Encrypted bytes that the system has not taken. */
    private @Nullable Chunk output;

    private boolean heldMayBeWhole;

    /** Whether the call in progress has read from the socket. */
    private boolean loaded;

    private boolean anyInput;
    private boolean socketEnded;
    private boolean endTold;
    private boolean farewellSaid;
    private boolean shutSocket;

    // Written in the turn before the program has the connection.
    private @Nullable TlsInfo info;

    TlsWire(SSLEngine engine, TlsBuffers buffers, BufferPool pool) {
        this.engine = engine;
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
        if (!flush(stream)) {
            return Step.WRITE;
        }
        try {
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> {
                        return Step.TASK;
                    }
                    case NEED_WRAP -> {
                        if (!wrapHandshake(stream)) {
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
    WireException failed(TcpStream stream, Exception why) {
        sendAlert(stream);
        return why instanceof WireException known
                ? known
                : new WireException(CloseCause.TLS_FAILED, String.valueOf(why.getMessage()), why);
    }

    private void sendAlert(TcpStream stream) {
        try {
            engine.closeOutbound();
            wrapPending();
            flush(stream);
            // What the peer has sent meanwhile must not turn the end into a reset, which could overtake the alert.
            for (int reads = 0; reads < 16 && stream.read(buffers.in.clear()) > 0; reads++) {}
            stream.shutdownOutput();
        } catch (IOException | RuntimeException e) {
            // It ends anyway, and why is known.
        }
    }

    private boolean wrapHandshake(TcpStream stream) throws IOException {
        ByteBuffer out = buffers.out.clear();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && out.remaining() >= packetBytes()) {
            SSLEngineResult result = engine.wrap(NOTHING, out);
            if (result.getStatus() != Status.OK || result.bytesProduced() == 0) {
                throw new WireException(CloseCause.TLS_FAILED, "in the handshake: " + result.getStatus(), null);
            }
        }
        return send(stream, out.flip());
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
                answer(result.getHandshakeStatus());
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
    private void answer(HandshakeStatus status) throws IOException {
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        boolean keyUpdate = status == HandshakeStatus.NEED_WRAP
                && engine.getSession().getProtocol().equals("TLSv1.3");
        if (keyUpdate) {
            if (output != null && output.size() > buffers.out.capacity()) {
                throw new WireException(CloseCause.TLS_FAILED, "key updates without taking the answers", null);
            }
            wrapPending();
        } else if (!engine.isInboundDone() && !farewellSaid) {
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
            buffers.single[0] = NOTHING;
        }
    }

    @Override
    public long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException {
        if (!flush(stream)) {
            return 0;
        }
        long total = 0;
        long left = 0;
        for (int i = 0; i < length; i++) {
            left += from[i].remaining();
        }
        while (left > 0) {
            ByteBuffer out = buffers.out.clear();
            while (left > 0 && out.remaining() >= packetBytes()) {
                SSLEngineResult result = engine.wrap(from, 0, length, out);
                if (result.getStatus() != Status.OK || result.bytesProduced() == 0) {
                    throw new WireException(CloseCause.TLS_FAILED, "writing: " + result.getStatus(), null);
                }
                left -= result.bytesConsumed();
                total += result.bytesConsumed();
            }
            if (!send(stream, out.flip())) {
                break;
            }
        }
        return total;
    }

    private int packetBytes() {
        return Math.min(engine.getSession().getPacketBufferSize(), TlsBuffers.RECORD_BYTES);
    }

    /** Writes encrypted bytes, and holds what the system does not take; true if it took all. */
    private boolean send(TcpStream stream, ByteBuffer out) throws IOException {
        if (output == null) {
            stream.write(out);
        }
        if (out.hasRemaining()) {
            holdOutput(out);
        }
        return output == null;
    }

    private void holdOutput(ByteBuffer out) {
        Chunk before = output;
        if (before != null && before.room() >= out.remaining()) {
            before.append(out);
            return;
        }
        int size = before == null ? 0 : 2 * before.size();
        Chunk waiting = Chunk.ofSize(size + out.remaining(), pool);
        if (before != null) {
            waiting.append(before.buffer);
            before.release();
        }
        waiting.append(out);
        output = waiting;
    }

    /** Has the engine say what it has to say, behind the output that waits. */
    private void wrapPending() throws IOException {
        ByteBuffer out = buffers.out.clear();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && out.remaining() >= packetBytes()) {
            SSLEngineResult result = engine.wrap(NOTHING, out);
            if (result.getStatus() == Status.CLOSED || result.bytesProduced() == 0) {
                break;
            }
        }
        if (out.flip().hasRemaining()) {
            holdOutput(out);
        }
    }

    @Override
    public boolean holdsOutput() {
        return output != null;
    }

    @Override
    public boolean flush(TcpStream stream) throws IOException {
        Chunk waiting = output;
        if (waiting != null) {
            stream.write(waiting.buffer);
            if (waiting.size() > 0) {
                return false;
            }
            output = null;
            waiting.release();
        }
        if (shutSocket) {
            shutSocket = false;
            stream.shutdownOutput();
        }
        return true;
    }

    @Override
    public void shutdownOutput(TcpStream stream) throws IOException {
        farewellSaid = true;
        engine.closeOutbound();
        wrapPending();
        shutSocket = true;
        flush(stream);
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
        for (Chunk each : new @Nullable Chunk[] {held, plain, output}) {
            if (each != null) {
                each.release();
            }
        }
        held = null;
        plain = null;
        output = null;
    }
}
