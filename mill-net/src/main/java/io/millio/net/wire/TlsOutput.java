package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.net.wire.WireException.Reason;
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
 * What an engine has to say, data and its own records, on its way to the socket: encrypted a few records at a time, and
 * held in a leased buffer when the system does not take it. Loop only.
 */
final class TlsOutput {
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int LITTLE_BYTES = 4 * 1024;

    private final SSLEngine engine;
    private final TlsBuffers buffers;
    private final BufferPool pool;
    private final MemoryAccount account;

    /** Encrypted bytes that the system has not taken. */
    private @Nullable Chunk held;

    /** The socket's output is to be shut down behind what is held. */
    private boolean shutSocket;

    TlsOutput(SSLEngine engine, TlsBuffers buffers, BufferPool pool, MemoryAccount account) {
        this.engine = engine;
        this.buffers = buffers;
        this.pool = pool;
        this.account = account;
    }

    /** Encrypts and writes; returns how many bytes have been taken, all or as many as fill what may be held. */
    long write(TcpStream stream, ByteBuffer[] from, int length) throws IOException {
        boolean joins = isLittleHeld();
        if (!joins && !flush(stream)) {
            return 0;
        }
        long total = 0;
        long left = 0;
        for (int i = 0; i < length; i++) {
            left += from[i].remaining();
        }
        ByteBuffer out = buffers.out.clear();
        if (joins) {
            takeHeld(out);
        }
        do {
            while (left > 0 && out.remaining() >= packetBytes()) {
                SSLEngineResult result = wrap(from, length, out);
                if (result.getStatus() != Status.OK || result.bytesProduced() == 0) {
                    throw notWritten(result.getStatus());
                }
                left -= result.bytesConsumed();
                total += result.bytesConsumed();
            }
            if (!send(stream, out.flip())) {
                break;
            }
            out.clear();
        } while (left > 0);
        return total;
    }

    private SSLEngineResult wrap(ByteBuffer[] from, int length, ByteBuffer out) throws WireException {
        try {
            return engine.wrap(from, 0, length, out);
        } catch (SSLException e) {
            throw new WireException(Reason.TLS_FAILED, "writing: " + e.getMessage(), e);
        }
    }

    /** Whether what is held is so little, a ticket or an answer, that it goes in front of data with the same call. */
    private boolean isLittleHeld() {
        return held != null && held.size() <= LITTLE_BYTES;
    }

    private void takeHeld(ByteBuffer out) {
        Chunk waiting = held;
        if (waiting != null) {
            out.put(waiting.buffer);
            held = null;
            waiting.release();
        }
    }

    private WireException notWritten(Status status) {
        return status == Status.CLOSED && engine.isInboundDone()
                ? new WireException(Reason.PEER_CLOSED, "the peer has closed, which ends both ways in TLS 1.2")
                : new WireException(Reason.TLS_FAILED, "writing: " + status);
    }

    /**
     * Has the engine say what it has to say, and holds that behind the output that waits.
     *
     * @param handshake whether it is of a handshake, which fails if the engine can't go on
     */
    void wrapPending(boolean handshake) throws IOException {
        ByteBuffer out = buffers.out.clear();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && out.remaining() >= packetBytes()) {
            SSLEngineResult result = engine.wrap(NOTHING, out);
            boolean done = result.getHandshakeStatus() == HandshakeStatus.FINISHED; // may be reported without bytes
            if (result.getStatus() != Status.OK || (result.bytesProduced() == 0 && !done)) {
                if (handshake) {
                    throw new WireException(Reason.TLS_FAILED, "in the handshake: " + result.getStatus());
                }
                break;
            }
        }
        hold(out.flip());
    }

    /** Says {@code close_notify}, and shuts the socket's output down behind it. */
    void end(TcpStream stream) throws IOException {
        engine.closeOutbound();
        wrapPending(false);
        shutSocket = true;
        flush(stream);
    }

    private int packetBytes() {
        return Math.min(engine.getSession().getPacketBufferSize(), TlsBuffers.RECORD_BYTES);
    }

    /** Writes encrypted bytes, and holds what the system does not take; true if it took all. */
    private boolean send(TcpStream stream, ByteBuffer out) throws IOException {
        if (held == null) {
            stream.write(out);
        }
        hold(out);
        return held == null;
    }

    private void hold(ByteBuffer out) {
        if (held == null) {
            held = Chunk.of(out, pool, account);
            return;
        }
        if (held.room() < out.remaining()) {
            held = held.enlarged(out.remaining(), pool);
        }
        held.append(out);
    }

    /** Whether the answers to what the peer has asked wait in such a number that it seems not to read them. */
    boolean isOverfull() {
        return held != null && held.size() > buffers.out.capacity();
    }

    boolean isHeld() {
        return held != null;
    }

    int heldBytes() {
        return held == null ? 0 : held.size();
    }

    /** Writes what is held; true if nothing is any more. */
    boolean flush(TcpStream stream) throws IOException {
        Chunk waiting = held;
        if (waiting != null) {
            stream.write(waiting.buffer);
            if (waiting.size() > 0) {
                return false;
            }
            held = null;
            waiting.release();
        }
        if (shutSocket) {
            shutSocket = false;
            stream.shutdownOutput();
        }
        return true;
    }

    void release() {
        Chunk.releaseIfAny(held);
        held = null;
    }
}
