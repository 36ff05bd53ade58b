package io.millio.http;

import io.millio.http.wire.ChunkedDecoder;
import io.millio.http.wire.Framing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of the request in progress: decodes its framing and passes it to its reader. Loop thread only, but for what
 * says otherwise.
 */
final class RequestBody {
    /** The result of {@link #read}. */
    enum Result {
        /** More bytes are needed. */
        MORE,
        /** The reader has paused, or there is none yet. */
        STALLED,
        /** The body has ended, and {@code onEnd} was called. */
        END,
        /** It is refused: {@link #status}. */
        REFUSED,
        /** A callback of the reader threw, which has been reported. */
        FAILED,
        /** So much would have to be discarded that the connection is better closed. */
        TOO_MUCH
    }

    /** The maximum that is read and discarded of a body that no handler has asked for. */
    private static final long MAX_DISCARDED_BYTES = 256 * 1024;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpRequest request;
    private final HttpOptions options;
    private final Deadline deadline;
    private final Framing framing;
    private final @Nullable ChunkedDecoder decoder;
    private long left;
    private long received;
    private long discarded;
    private boolean stalled;

    // Volatile: set by the thread that handles the request.
    private volatile long maxBytes;

    // Volatile, both: written in the loop, or by the thread that asks for the body; read by the thread that answers.
    private volatile boolean over;
    private volatile boolean continued;

    private @Nullable BodyReader reader;
    private @Nullable Throwable failure;

    int status;
    String reason = "";

    RequestBody(HttpRequest request, HttpLoop http, Deadline deadline) {
        this.request = request;
        this.options = http.options;
        this.maxBytes = options.maxBodyBytes();
        this.deadline = deadline;
        this.framing = request.framing;
        this.left = framing == Framing.LENGTH ? request.announcedLength : 0;
        this.decoder = framing == Framing.CHUNKED ? new ChunkedDecoder(http.headLimits) : null;
        deadline.bodyStarts();
    }

    List<HttpField> trailers() {
        if (decoder == null || !over) {
            return List.of();
        }
        return decoder.trailer().stream()
                .map(field -> new HttpField(field.getKey(), field.getValue()))
                .toList();
    }

    /**
     * Passes on what has arrived.
     *
     * @param discard whether the request is answered, so that bytes without a reader are discarded
     */
    Result read(ByteBuffer in, boolean discard) {
        int before = in.remaining();
        Result result;
        try {
            result = deliver(in, discard);
        } catch (Throwable t) {
            reader = null;
            request.response.fail(t);
            return Result.FAILED;
        }
        long earnedNanos = options.earnedNanos(before - in.remaining());
        stalled = result == Result.STALLED;
        if (stalled) {
            deadline.holdBody(earnedNanos);
        } else if (result == Result.MORE) {
            deadline.awaitBody(earnedNanos);
        }
        return result;
    }

    private Result deliver(ByteBuffer in, boolean discard) throws Exception {
        while (true) {
            if (over) {
                return Result.END;
            }
            if (reader == null ? !discard : request.bodyPaused) {
                return discard ? Result.TOO_MUCH : Result.STALLED; // answered and paused: the rest is not needed
            }
            if (decoder != null) {
                switch (decoder.next(in)) {
                    case MORE -> {
                        return Result.MORE;
                    }
                    case DATA -> {
                        int count = decoder.available(in);
                        received += count;
                        if (received > maxBytes) {
                            return refuse(413, "the body is longer than " + maxBytes);
                        }
                        decoder.consumed(count);
                        pass(in, count);
                    }
                    case END -> end();
                    case REFUSED -> {
                        return refuse(decoder.status, decoder.reason);
                    }
                }
            } else if (left == 0) {
                end();
            } else if (!in.hasRemaining()) {
                return Result.MORE;
            } else {
                int count = (int) Math.min(left, in.remaining());
                left -= count;
                pass(in, count);
            }
            if (discarded > MAX_DISCARDED_BYTES) {
                return Result.TOO_MUCH;
            }
        }
    }

    private Result refuse(int withStatus, String because) {
        status = withStatus;
        reason = because;
        return Result.REFUSED;
    }

    private void pass(ByteBuffer in, int count) throws Exception {
        int limit = in.limit();
        int end = in.position() + count;
        BodyReader to = reader;
        try {
            if (to == null) {
                discarded += count;
            } else {
                to.onData(in.limit(end));
            }
        } finally {
            in.limit(limit).position(end);
        }
    }

    private void end() throws Exception {
        over = true;
        BodyReader to = reader;
        if (to != null) {
            to.onEnd();
            request.response.answer.callbackEnded();
        }
    }

    /** Lowers the limit of its length. Called by the thread that handles the request. */
    void limit(long bytes) {
        maxBytes = Math.min(maxBytes, bytes);
    }

    /** Any thread. */
    boolean isOver() {
        return over;
    }

    /** Whether all of it has been received, though its reader, which has paused, has not had the end yet. */
    boolean isReceived() {
        return decoder == null && left == 0;
    }

    /** Whether the body waits for its reader. */
    boolean isStalled() {
        return stalled;
    }

    /** Whether the body is, or will be, read to its end, as far as is known now. Any thread. */
    boolean endIsReached() {
        return over
                || (!request.expectsContinue || continued)
                        && (request.bodyAsked || request.announcedLength <= MAX_DISCARDED_BYTES);
    }

    /** A handler asks for the body: the client that waits for a permission to send it gets one. Any thread. */
    void asked() {
        if (request.expectsContinue && request.minorVersion() > 0) {
            continued = request.response.answer.sendInterim(ByteBuffer.wrap(CONTINUE));
        }
    }

    /** Passes the body to a reader from now on; one that asks after it has failed gets the failure. */
    void readBy(BodyReader asking) {
        Throwable known = failure;
        if (known != null) {
            asking.onFailure(known);
            request.response.answer.callbackEnded();
        } else {
            reader = asking;
        }
    }

    /** The rest of the body will not come, or is not read. */
    void fail(Throwable cause) {
        if (over || failure != null) {
            return;
        }
        failure = cause;
        BodyReader to = reader;
        if (to != null) {
            over = true;
            reader = null;
            try {
                to.onFailure(cause);
                request.response.answer.callbackEnded();
            } catch (Throwable t) {
                request.response.fail(t);
            }
        }
    }
}
