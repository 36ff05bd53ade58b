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
 * TLS between a connection and its socket (RFC 8446, RFC 5246). Records are decrypted from a buffer of the loop into
 * the reader's, and encrypted into another one. What has to wait, half a record or what the system does not take, is in
 * leased buffers until then: an idle connection has none.
 *
 * <p>Loop only. While {@link #handshake} has answered {@link Step#TASK} nothing else may be called until the tasks have
 * run.
 */
final class TlsWire implements Wire {
    /** What a handshake waits for. */
    enum Step {
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

    /** So that a peer that sends no data does not hold up the others. */
    private static final int IDLE_RECORDS_PER_READ = 64;

    final SSLEngine engine;
    private final TlsInput input;
    private final TlsOutput output;
    private final TlsAllowance allowance = new TlsAllowance();
    private final TlsBuffers buffers;

    /** What has ended it behind data that the reader has got; told with the next read. */
    private @Nullable IOException failure;

    private boolean endTold;
    private boolean farewellSaid;
    private int handshakeRecords;

    /** The system did not take all of a flight. */
    private boolean blocked;

    // Written in the turn before the program has the connection.
    private @Nullable TlsInfo info;

    TlsWire(SSLEngine engine, TlsBuffers buffers, BufferPool pool) {
        this.engine = engine;
        this.input = new TlsInput(buffers, pool);
        this.output = new TlsOutput(engine, buffers, pool);
        this.buffers = buffers;
    }

    // ---- handshake

    /** Bytes that were read before it began. */
    void feed(ByteBuffer bytes) {
        input.feed(bytes);
    }

    /** Whether the peer has sent anything. */
    boolean hasRead() {
        return input.hasAny();
    }

    /** What {@link Step#TASK} asks for. Any thread, but one at a time. */
    void runTasks() {
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
            task.run();
        }
    }

    /**
     * Goes on as far as that is possible now. What this side says is sent when it is the peer's turn, at
     * {@link Step#READ}; the last of it is held, so that what the program writes at once goes with it.
     */
    Step handshake(TcpStream stream) throws IOException {
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
                        output.wrapHandshake();
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

    /** The tasks have failed, or the parser has: the peer is told, as far as that is possible without waiting. */
    WireException failed(TcpStream stream, Throwable why) {
        sendAlert(stream);
        return why instanceof WireException known
                ? known
                : new WireException(CloseCause.TLS_FAILED, messageOf(why), why);
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
                    if (input.isEnded()) {
                        throw new WireException(
                                input.hasAny() ? CloseCause.TRUNCATED : CloseCause.PEER,
                                "the peer closed the connection during the handshake",
                                null);
                    }
                    return false;
                }
                case CLOSED -> {
                    throw new WireException(CloseCause.TLS_FAILED, "the peer ended the handshake", null);
                }
                case OK, BUFFER_OVERFLOW -> {
                    if (++handshakeRecords > MAX_HANDSHAKE_RECORDS) {
                        throw new WireException(
                                CloseCause.TLS_FAILED,
                                "a handshake of more than " + MAX_HANDSHAKE_RECORDS + " records",
                                null);
                    }
                    HandshakeStatus next = engine.getHandshakeStatus();
                    if (next != HandshakeStatus.NEED_UNWRAP && next != HandshakeStatus.NEED_UNWRAP_AGAIN) {
                        input.keep(in, true);
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
        if (input.hasPlain()) {
            return input.takePlain(to);
        }
        if (endTold) {
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
                        input.end(); // whatever comes behind the end is none of it
                        in.position(in.limit());
                        goOn = false;
                    }
                    case OK -> {
                        whole = true; // the next one may be
                        answer(result);
                        if (result.bytesProduced() > 0) {
                            allowance.earn(result.bytesProduced());
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
        return got > 0 || !input.isEnded() ? got : end();
    }

    private static boolean isSocketFailure(Exception e) {
        return e instanceof IOException && !(e instanceof SSLException) && !(e instanceof WireException);
    }

    private void spend(int recordBytes) throws WireException {
        if (!allowance.spend(recordBytes)) {
            throw new WireException(CloseCause.TLS_FAILED, "too many records without data", null);
        }
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
    private SSLEngineResult unwrapAside(ByteBuffer in, ByteBuffer to) throws IOException {
        ByteBuffer aside = buffers.plain.clear();
        SSLEngineResult result = engine.unwrap(in, aside);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new WireException(CloseCause.TLS_FAILED, "a record that is too large", null);
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

    @Override
    public boolean holdsInput() {
        return input.holdsSome() || (input.isEnded() && !endTold) || failure != null;
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
        allowance.earn(taken);
        return taken;
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
        input.release();
        output.release();
    }
}
