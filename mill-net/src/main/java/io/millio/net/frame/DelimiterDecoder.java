package io.millio.net.frame;

import java.nio.ByteBuffer;

/**
 * Frames that end in a delimiter. Its last byte is looked for eight bytes at a time: a byte of {@code x ^ pattern} is
 * zero where they agree, and {@code (y - 0x01..) & ~y & 0x80..} is not zero exactly when {@code y} has a zero byte (H.
 * S. Warren, Hacker's Delight, 6-1).
 */
final class DelimiterDecoder extends FrameDecoder {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private final byte[] delimiter;
    private final byte last;
    private final long pattern;
    private final boolean lines;

    DelimiterDecoder(int maxBytes, byte[] delimiter, boolean lines) {
        super(maxBytes, delimiter.length + (lines ? 1 : 0));
        this.delimiter = delimiter;
        this.last = delimiter[delimiter.length - 1];
        this.pattern = (last & 0xff) * ONES;
        this.lines = lines;
    }

    @Override
    int measure(ByteBuffer bytes, int searched) throws FrameException {
        int start = bytes.position();
        int limit = bytes.limit();
        // Of a line the carriage return is not content either.
        long longest = (long) maxBytes + delimiter.length + (lines ? 1 : 0);
        int stop = (int) Math.min(limit, start + longest);
        for (int at = start + Math.max(delimiter.length - 1, searched);
                (at = indexOfLast(bytes, at, stop)) >= 0;
                at++) {
            if (isDelimiter(bytes, at)) {
                int end = at + 1;
                int content = end - start - tail(bytes, start, end);
                if (content > maxBytes) {
                    throw tooLarge(Integer.toString(content));
                }
                return end - start;
            }
        }
        if (limit - start >= longest) {
            throw tooLarge("over " + maxBytes);
        }
        return -1;
    }

    private int indexOfLast(ByteBuffer bytes, int from, int stop) {
        int at = from;
        for (; at <= stop - Long.BYTES; at += Long.BYTES) {
            long differs = bytes.getLong(at) ^ pattern;
            if ((differs - ONES & ~differs & HIGHS) != 0) {
                break;
            }
        }
        for (; at < stop; at++) {
            if (bytes.get(at) == last) {
                return at;
            }
        }
        return -1;
    }

    private boolean isDelimiter(ByteBuffer bytes, int at) {
        for (int i = delimiter.length - 2, place = at - 1; i >= 0; i--, place--) {
            if (bytes.get(place) != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    void trimLast(ByteBuffer rest) throws FrameException {
        int last = rest.limit() - 1;
        if (lines && rest.get(last) == '\r') {
            rest.limit(last);
        }
        if (rest.remaining() > maxBytes) {
            throw tooLarge(Integer.toString(rest.remaining()));
        }
    }

    @Override
    int tail(ByteBuffer bytes, int start, int end) {
        return lines && end - 2 >= start && bytes.get(end - 2) == '\r' ? 2 : delimiter.length;
    }
}
