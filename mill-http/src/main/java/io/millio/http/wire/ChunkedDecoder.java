package io.millio.http.wire;

import static io.millio.http.wire.Syntax.CR;
import static io.millio.http.wire.Syntax.LF;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Takes the chunked transfer coding off a body (RFC 9112, 7.1), strictly. It consumes the framing and leaves the data
 * to its caller.
 *
 * <p>The bytes may come in any pieces; what {@link #next} has left unread must come again in front. It makes no objects
 * but for a trailer. One thread at a time.
 */
public final class ChunkedDecoder {
    /** What {@link #next} finds. */
    public enum Result {
        /** More bytes are needed. */
        MORE,
        /**
         * Data: {@link #available} bytes from the buffer's position on; the number of bytes read is to be passed to
         * {@link #consumed}.
         */
        DATA,
        /** The body has ended, and so has its trailer. */
        END,
        /** It is malformed, or too large: {@link #status} and {@link #reason} say. */
        REFUSED
    }

    private enum Part {
        SIZE,
        DATA,
        DATA_END,
        TRAILER
    }

    private static final int MAX_DIGITS = 15;

    /** Of a line with the size of a chunk: extensions are ignored, and long ones are not needed. */
    private static final int LONGEST_SIZE_LINE = 256;

    /**
     * Fields for framing, routing, authentication, request modifiers, response control and the format of the content
     * (RFC 9110, 6.5.1): they count only in a head, and are dropped from a trailer.
     */
    private static final Set<String> NOT_IN_TRAILERS =
            Set.of(("transfer-encoding content-length host connection keep-alive proxy-connection upgrade te trailer"
                            + " cache-control expect max-forwards pragma range if-match if-none-match"
                            + " if-modified-since if-unmodified-since if-range"
                            + " authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie"
                            + " age date expires location retry-after vary warning"
                            + " content-encoding content-type content-range")
                    .split(" "));

    private final HeadLimits limits;
    private Part part = Part.SIZE;
    private long left;
    private int searched;
    private int extensionBytes;
    private int trailerBytes;
    private int trailerFields;
    private List<Map.Entry<String, String>> trailer = List.of();

    public int status;
    public String reason = "";

    public ChunkedDecoder(HeadLimits limits) {
        this.limits = limits;
    }

    /** Goes on from the buffer's position, which moves past the framing that was read. */
    public Result next(ByteBuffer in) {
        while (true) {
            switch (part) {
                case DATA -> {
                    return in.hasRemaining() ? Result.DATA : Result.MORE;
                }
                case DATA_END -> {
                    if (!in.hasRemaining()) {
                        return Result.MORE;
                    }
                    if (in.get(in.position()) != CR || in.remaining() > 1 && in.get(in.position() + 1) != LF) {
                        return refuse(400, "a chunk is longer than its size says");
                    }
                    if (in.remaining() < 2) {
                        return Result.MORE;
                    }
                    in.position(in.position() + 2);
                    part = Part.SIZE;
                }
                default -> {
                    int lineEnd = findLineEnd(in);
                    int length = (lineEnd < 0 ? in.limit() : lineEnd) - in.position();
                    if (part == Part.SIZE ? length > LONGEST_SIZE_LINE : trailerBytes + length > limits.fieldBytes()) {
                        return part == Part.SIZE
                                ? refuse(400, "the line of a chunk's size is too long")
                                : refuse(431, "the trailer is too large");
                    }
                    if (lineEnd < 0) {
                        return Result.MORE;
                    }
                    if (lineEnd == in.position() || in.get(lineEnd - 1) != CR) {
                        return refuse(400, "a line does not end in CR LF");
                    }
                    Result ended = part == Part.SIZE ? readSize(in, lineEnd - 1) : readTrailer(in, lineEnd - 1);
                    if (ended != Result.MORE) {
                        return ended;
                    }
                    in.position(lineEnd + 1);
                }
            }
        }
    }

    /** After DATA: how many bytes of the buffer are data. */
    public int available(ByteBuffer in) {
        return (int) Math.min(left, in.remaining());
    }

    /** So many bytes of data were taken; the buffer's position is behind them. */
    public void consumed(int bytes) {
        left -= bytes;
        if (left == 0) {
            part = Part.DATA_END;
        }
    }

    /** After END: the fields of the trailer, without those that count only in a head. */
    public List<Map.Entry<String, String>> trailer() {
        return trailer;
    }

    private int findLineEnd(ByteBuffer in) {
        for (int at = in.position() + searched; at < in.limit(); at++) {
            if (in.get(at) == LF) {
                searched = 0;
                return at;
            }
        }
        searched = in.remaining();
        return -1;
    }

    private Result refuse(int withStatus, String because) {
        status = withStatus;
        reason = because;
        return Result.REFUSED;
    }

    /** MORE stands for "go on". */
    private Result readSize(ByteBuffer in, int end) {
        int at = in.position();
        long size = 0;
        int digits = 0;
        for (int digit; at < end && (digit = Syntax.hex(in.get(at))) >= 0; at++) {
            size = size << 4 | digit;
            digits++;
        }
        if (digits == 0 || digits > MAX_DIGITS) {
            return refuse(400, "the size of a chunk is malformed");
        }
        extensionBytes += end - at;
        if (extensionBytes > limits.fieldBytes()) {
            return refuse(400, "the extensions of the chunks are too large");
        }
        if (!ChunkExtensions.areValid(in, at, end)) {
            return refuse(400, "the size or the extension of a chunk is malformed");
        }
        left = size;
        part = size == 0 ? Part.TRAILER : Part.DATA;
        return Result.MORE;
    }

    private Result readTrailer(ByteBuffer in, int end) {
        int at = in.position();
        if (at == end) {
            in.position(end + 2);
            return Result.END;
        }
        int name = at;
        at = Syntax.skipToken(in, at, end);
        if (at == name || at == end || in.get(at) != ':') {
            return refuse(400, "the name of a field is malformed");
        }
        for (at++; at < end; at++) {
            if (!Syntax.is(Syntax.VALUE, in.get(at))) {
                return refuse(400, "the value of a field is malformed");
            }
        }
        if (trailerFields++ == limits.fields()) {
            return refuse(431, "there are too many fields in the trailer");
        }
        String line = Syntax.text(in, name, end - name);
        int colon = line.indexOf(':');
        String key = line.substring(0, colon);
        if (!NOT_IN_TRAILERS.contains(key.toLowerCase(Locale.ROOT))) {
            if (trailer.isEmpty()) {
                trailer = new ArrayList<>();
            }
            trailer.add(Map.entry(key, line.substring(colon + 1).strip()));
        }
        trailerBytes += end + 2 - name;
        return Result.MORE;
    }
}
