package io.millio.http;

import io.millio.http.wire.ChunkedDecoder;
import io.millio.http.wire.HeadLimits;
import io.millio.http.wire.RequestParser;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of the request under way: takes off its framing and tells it. The turn's. */
final class RequestBody {
    /** What {@link #deliver} came to. */
    enum Result {
        /** More bytes are needed. */
        MORE,
        /** Nobody wants them now. */
        STALLED,
        /** The body has ended, and its end was told. */
        END,
        /** It is refused: {@link #status}. */
        REFUSED,
        /** So much would have to be forgotten that the connection is better closed. */
        TOO_MUCH
    }

    /** What is read and forgotten of a body that nobody has asked for. */
    static final long MOST_FORGOTTEN_BYTES = 256 * 1024;

    private final HttpRequest request;
    private final RequestParser.Framing framing;
    private final @Nullable ChunkedDecoder decoder;
    private final long maxBytes;
    private long left;
    private long received;
    private long forgotten;
    private boolean over;

    @Nullable
    BodyReader reader;

    int status;
    String reason = "";

    RequestBody(HttpRequest request, HeadLimits limits, long maxBytes) {
        this.request = request;
        this.framing = request.parser.framing;
        this.left = framing == RequestParser.Framing.LENGTH ? request.parser.contentLength : 0;
        this.decoder = framing == RequestParser.Framing.CHUNKED ? new ChunkedDecoder(limits) : null;
        this.maxBytes = maxBytes;
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
     * Tells what there is.
     *
     * @param forget whether the request is answered, so that what nobody has asked for is of no use
     */
    Result deliver(ByteBuffer in, boolean forget) throws Exception {
        while (true) {
            if (over) {
                return Result.END;
            }
            if (reader == null ? !forget : request.bodyPaused) {
                return forget ? Result.TOO_MUCH : Result.STALLED; // answered and paused: it wants no more
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
                        tell(in, count);
                    }
                    case END -> tellEnd();
                    case REFUSED -> {
                        return refuse(decoder.status, decoder.reason);
                    }
                }
            } else if (left == 0) {
                tellEnd();
            } else if (!in.hasRemaining()) {
                return Result.MORE;
            } else {
                int count = (int) Math.min(left, in.remaining());
                left -= count;
                tell(in, count);
            }
            if (forgotten > MOST_FORGOTTEN_BYTES) {
                return Result.TOO_MUCH;
            }
        }
    }

    private Result refuse(int withStatus, String because) {
        status = withStatus;
        reason = because;
        return Result.REFUSED;
    }

    private void tell(ByteBuffer in, int count) throws Exception {
        int limit = in.limit();
        int end = in.position() + count;
        BodyReader to = reader;
        try {
            if (to == null) {
                forgotten += count;
            } else {
                to.onData(in.limit(end));
            }
        } finally {
            in.limit(limit).position(end);
        }
    }

    private void tellEnd() throws Exception {
        over = true;
        BodyReader to = reader;
        if (to != null) {
            to.onEnd();
        }
    }

    /** It will not end. */
    void fail(Throwable why) {
        BodyReader to = reader;
        if (!over && to != null) {
            over = true;
            reader = null;
            to.onFailure(why);
        }
    }
}
