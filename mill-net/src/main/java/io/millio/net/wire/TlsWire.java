package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.net.tls.TlsInfo;
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
 * TLS between a connection and its socket (RFC 8446, RFC 5246). Records are decrypted from a buffer of the loop into
 * the reader's, and encrypted into another one. What has to wait, half a record or what the system does not take, is in
 * leased buffers until then: an idle connection has none.
 *
 * <p>Loop only. While {@link #handshake} has answered {@link Step#TASK} nothing else may be called until the tasks have
 * run.
 */
public final class TlsWire implements Wire {
    /** What a handshake waits for. */
    public enum Step {
        READ,
        WRITE,
        TASK,
        DONE
    }

    /**
     * A handshake has a few dozen, also one that is cut into small ones. The engine copies what it has of a message
     * with each.
     */
    private static final int MAX_HANDSHAKE_RECORDS = 1_000;

    /**
     * How many bytes a peer may send that are not data (key updates, tickets, ignored alerts, empty records) before it
     * has sent or received any, and the most that data earns it. Each of them costs this side far more than the peer,
     * up to a new key for 27 bytes. Tickets are a few KiB, and a whole record may be one message.
     */
    public static final int MAX_IDLE_BYTES = 64 * 1024;

    /** How many bytes of data, in either direction, earn one such byte: so a connection may live for ever. */
    public static final int DATA_BYTES_PER_IDLE_BYTE = 64;

    private static final long MAX_CREDIT = (long) MAX_IDLE_BYTES * DATA_BYTES_PER_IDLE_BYTE;

    /** So that a peer that sends no data does not hold up the others. */
    private static final int IDLE_RECORDS_PER_READ = 64;

    /**
     * What an engine of the platform takes with its session and keys, counted while this has it: 5 KiB when it is idle,
     * 13 KiB in the handshake (a server's, JDK 25, an elliptic curve), rounded up.
     */
    public static final int ENGINE_BYTES = 16 * 1024;

    private static final String TLS_1_3 = "TLSv1.3";

    public final SSLEngine engine;
    private final TlsInput input;
    private final TlsOutput output;
    private final TlsBuffers buffers;
    private final MemoryAccount account;
    private boolean engineCounted;

    /** What has ended it behind data that the reader has got; reported by the next read. */
    private @Nullable IOException failure;

    private boolean endReported;
    private boolean closeNotifySent;
    private int handshakeRecords;
    private long credit = MAX_CREDIT;

    /** The system did not take all of a flight. */
    private boolean blocked;

    // Written in the turn before the program has the connection.
    private @Nullable TlsInfo info;

    public TlsWire(SSLEngine engine, TlsBuffers buffers, BufferPool pool, MemoryAccount account) {
        this.engine = engine;
        this.input = new TlsInput(buffers, pool, account);
        this.output = new TlsOutput(engine, buffers, pool, account);
        this.buffers = buffers;
        this.account = account;
        account.hold(ENGINE_BYTES);
        engineCounted = true;
    }

    // ---- handshake

    /** Bytes that were read before it began. */
    public void feed(ByteBuffer bytes) {
        input.feed(bytes);
    }

    /** Whether the peer has sent anything. */
    public boolean hasRead() {
        return input.any;
    }

    /** What {@link Step#TASK} asks for. Any thread, but one at a time. */
    public void runTasks() {
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
            task.run();
        }
    }

    /**
     * Goes on as far as that is possible now. What this side says is sent when it is the peer's turn, at
     * {@link Step#READ}; the last of it is held, so that what the program writes at once goes with it.
     */
    public Step handshake(TcpStream stream) throws IOException {
        if (blocked && !output.flush(stream)) {
            return Step.WRITE;
        }
        blocked = false;
        try {
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> {
                        return Step.TASK;
                    }
                    case NEED_WRAP -> {
                        output.wrapPending(true);
                        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && !input.holdsSome()) {
                            return sent(stream); // there can be no answer yet
                        }
                    }
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        if (!unwrapHandshake(stream)) {
                            return sent(stream);
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

    private Step sent(TcpStream stream) throws IOException {
        blocked = !output.flush(stream);
        return blocked ? Step.WRITE : Step.READ;
    }

    /** The tasks have failed, or the parser has: the peer gets an alert, as far as that is possible without waiting. */
    public WireException failed(TcpStream stream, Throwable why) {
        sendAlert(stream);
        return why instanceof WireException known ? known : new WireException(Reason.TLS_FAILED, messageOf(why), why);
    }

    /** With what is at the bottom of it: that a certificate has expired, say, and when. */
    private static String messageOf(Throwable why) {
        String message = String.valueOf(why.getMessage());
        Throwable root = why;
        for (Throwable next; (next = root.getCause()) != null; ) {
            root = next;
        }
        String reason = root.getMessage();
        return reason == null || message.contains(reason)
                ? message
                : message + ": " + root.getClass().getSimpleName() + ": " + reason;
    }

    private void sendAlert(TcpStream stream) {
        try {
            engine.closeOutbound();
            output.wrapPending(false);
            output.flush(stream);
            // What the peer has sent meanwhile must not turn the end into a reset, which could overtake the alert.
            for (int reads = 0; reads < 16 && stream.read(buffers.in.clear()) > 0; reads++) {}
            stream.shutdownOutput();
        } catch (IOException | RuntimeException e) {
            // It ends anyway, and why is known.
        }
    }

    private boolean unwrapHandshake(TcpStream stream) throws IOException {
        ByteBuffer in = input.load(stream);
        while (true) {
            // No room for data: that of after the handshake stays in its records.
            SSLEngineResult result = engine.unwrap(in, buffers.plain.clear().limit(0));
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    if (input.loadMore(stream, in)) {
                        continue;
                    }
                    input.keep(in, false);
                    if (input.ended) {
                        throw new WireException(
                                input.any ? Reason.TRUNCATED : Reason.PEER_CLOSED,
                                "the peer closed the connection during the handshake");
                    }
                    return false;
                }
                case CLOSED -> {
                    throw new WireException(Reason.TLS_FAILED, "the peer ended the handshake");
                }
                case OK, BUFFER_OVERFLOW -> {
                    if (++handshakeRecords > MAX_HANDSHAKE_RECORDS) {
                        throw new WireException(
                                Reason.TLS_FAILED, "a handshake of more than " + MAX_HANDSHAKE_RECORDS + " records");
                    }
                    HandshakeStatus next = engine.getHandshakeStatus();
                    if (next != HandshakeStatus.NEED_UNWRAP && next != HandshakeStatus.NEED_UNWRAP_AGAIN) {
                        input.keep(in, true);
                        return true;
                    }
                    if (result.bytesConsumed() == 0) {
                        throw new WireException(Reason.TLS_FAILED, "data during the handshake");
                    }
                }
            }
        }
    }

    // ---- reading

    @Override
    public int read(TcpStream stream, ByteBuffer to) throws IOException {
        if (input.hasPlain()) {
            return input.takePlain(to);
        }
        if (endReported) {
            return -1;
        }
        if (failure != null) {
            throw failure;
        }
        int begin = to.position();
        ByteBuffer in = input.load(stream);
        boolean whole = false;
        int idleRecords = 0;
        try {
            boolean goOn = true;
            while (goOn) {
                SSLEngineResult result = engine.unwrap(in, to);
                if (result.getStatus() == Status.BUFFER_OVERFLOW && to.position() == begin) {
                    result = unwrapAside(in, to);
                }
                switch (result.getStatus()) {
                    case BUFFER_UNDERFLOW -> {
                        whole = false;
                        goOn = input.loadMore(stream, in);
                    }
                    case BUFFER_OVERFLOW -> {
                        whole = true;
                        goOn = false;
                    }
                    case CLOSED -> {
                        input.ended = true; // whatever comes behind the end is none of it
                        in.position(in.limit());
                        goOn = false;
                    }
                    case OK -> {
                        whole = true; // the next one may be
                        answer(result);
                        if (result.bytesProduced() > 0) {
                            earn(result.bytesProduced());
                        } else {
                            spend(result.bytesConsumed());
                            idleRecords++;
                        }
                        goOn = in.hasRemaining() && !input.hasPlain() && idleRecords < IDLE_RECORDS_PER_READ;
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            in.position(in.limit());
            IOException why = isSocketFailure(e) ? (IOException) e : failed(stream, e);
            if (to.position() == begin) {
                throw why;
            }
            failure = why;
        } finally {
            input.keep(in, whole);
        }
        int got = to.position() - begin;
        return got > 0 || !input.ended ? got : end();
    }

    private static boolean isSocketFailure(Exception e) {
        return e instanceof IOException && !(e instanceof SSLException) && !(e instanceof WireException);
    }

    private void earn(long dataBytes) {
        credit = Math.min(MAX_CREDIT, credit + dataBytes);
    }

    private void spend(int recordBytes) throws WireException {
        credit -= (long) recordBytes * DATA_BYTES_PER_IDLE_BYTE;
        if (credit < 0) {
            throw new WireException(Reason.TLS_FAILED, "too many records without data");
        }
    }

    private int end() throws WireException {
        endReported = true;
        if (engine.isInboundDone()) {
            return -1;
        }
        throw new WireException(Reason.TRUNCATED, "the connection ended without the close_notify that TLS ends with");
    }

    /** A record that is larger than the reader's room: it is decrypted aside, and what does not fit waits. */
    private SSLEngineResult unwrapAside(ByteBuffer in, ByteBuffer to) throws IOException {
        ByteBuffer aside = buffers.plain.clear();
        SSLEngineResult result = engine.unwrap(in, aside);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new WireException(Reason.TLS_FAILED, "a record that is too large");
        }
        input.keepPlain(aside.flip(), to);
        return result;
    }

    /** What the peer's record calls for: a key update has an answer, and a second handshake has the end. */
    private void answer(SSLEngineResult result) throws IOException {
        HandshakeStatus status = result.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED) {
            return;
        }
        boolean keyUpdate = status == HandshakeStatus.NEED_WRAP
                && engine.getSession().getProtocol().equals(TLS_1_3);
        // After its close_notify an engine waits for the peer's, and calls that a handshake.
        boolean ending = (closeNotifySent || engine.isInboundDone()) && status != HandshakeStatus.NEED_TASK;
        if (keyUpdate) {
            if (output.isOverfull()) {
                throw new WireException(Reason.TLS_FAILED, "key updates without taking the answers");
            }
            output.wrapPending(false);
            if (result.bytesConsumed() == 0 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                throw new WireException(Reason.TLS_FAILED, "a key update that can't be answered");
            }
        } else if (!ending || result.bytesConsumed() == 0) {
            throw new WireException(Reason.RENEGOTIATION, "the peer began a second handshake");
        }
    }

    @Override
    public boolean holdsInput() {
        return input.holdsSome() || (input.ended && !endReported) || failure != null;
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
        long taken = output.write(stream, from, length);
        earn(taken);
        return taken;
    }

    @Override
    public boolean holdsOutput() {
        return output.isHeld();
    }

    @Override
    public int heldOutputBytes() {
        return output.heldBytes();
    }

    @Override
    public boolean endsSeparately() {
        return engine.getSession().getProtocol().equals(TLS_1_3);
    }

    @Override
    public boolean flush(TcpStream stream) throws IOException {
        return output.flush(stream);
    }

    @Override
    public void shutdownOutput(TcpStream stream) throws IOException {
        closeNotifySent = true;
        output.end(stream);
    }

    @Override
    public @Nullable TlsInfo tls() {
        return info;
    }

    @Override
    public void release() {
        try {
            input.release();
        } finally {
            try {
                output.release();
            } finally {
                if (engineCounted) {
                    account.free(ENGINE_BYTES);
                    engineCounted = false;
                }
            }
        }
    }
}
