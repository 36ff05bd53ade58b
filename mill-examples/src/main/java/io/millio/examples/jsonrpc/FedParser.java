package io.millio.examples.jsonrpc;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One Jackson parser for many texts, one after the other: to make one takes longer than to parse a short text. It reads
 * them as a stream of values; a text that ends within a value ends the stream, and the next one gets a new parser. One
 * thread at a time.
 */
final class FedParser {
    /** The names that a parser has met stay with it: so it does not live for ever. */
    private static final int MAX_FED_BYTES = 256 * 1024;

    private final JsonFactory factory;
    private @Nullable JsonParser parser;
    private Feed feed = new Feed();

    // Counted since the parser was made: its bytes, and where the text at hand begins.
    private long fed;
    private long base;

    FedParser(JsonFactory factory) {
        this.factory = factory;
    }

    /** A parser in front of a text, which must not end in blanks. */
    JsonParser begin(byte[] bytes, int from, int to) {
        JsonParser known = parser;
        if (known == null || fed > MAX_FED_BYTES || !isThrough(known)) {
            if (known != null) {
                known.close();
            }
            feed = new Feed();
            known = factory.createParser(ObjectReadContext.empty(), feed);
            parser = known;
            fed = 0;
        }
        base = fed;
        fed += to - from;
        feed.bytes = bytes;
        feed.at = from;
        feed.end = to;
        return known;
    }

    /** Whether it stands behind the last text, ready for another. */
    private boolean isThrough(JsonParser known) {
        return !feed.ended
                && known.streamReadContext().inRoot()
                && known.currentLocation().getByteOffset() == fed;
    }

    /** Where the current token begins, from the beginning of the text. */
    int tokenStart(JsonParser current) {
        return (int) (current.currentTokenLocation().getByteOffset() - base);
    }

    /** Where the current token ends, if it was read to its end. */
    int tokenEnd(JsonParser current) {
        return (int) (current.currentLocation().getByteOffset() - base);
    }

    /** Gives the parser what there is of the text, and then its end. */
    private static final class Feed extends InputStream {
        private byte[] bytes = {};
        private int at;
        private int end;
        private boolean ended;

        @Override
        public int read() {
            if (at == end) {
                ended = true;
                return -1;
            }
            return bytes[at++] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at == end) {
                ended = true;
                return -1;
            }
            int count = Math.min(length, end - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
            return count;
        }
    }
}
