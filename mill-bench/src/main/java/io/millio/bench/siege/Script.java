package io.millio.bench.siege;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What each connection of an attack does: it sends an opening, then a filler again and again up to a number of bytes,
 * and then what {@link Then} says. Immutable.
 *
 * @param answerBytes how long an answer is at least, for {@link Then#REPEAT}
 * @param maxConnections how many connections are opened at most in all
 */
record Script(ByteBuffer opening, ByteBuffer filler, long fillerBytes, Then then, int answerBytes, int maxConnections) {
    /** What follows when all is sent. */
    enum Then {
        /** Holds the connection, reads nothing, and has a small receive buffer. */
        HOLD,
        /** Reads until the victim closes, and opens another connection in its place. */
        READ_TO_END,
        /** Sends all again when an answer has been read. */
        REPEAT,
        /** Closes the connection at the first bytes of an answer, and opens another one in its place. */
        REOPEN,
        /** Resets the connection, and opens another one in its place. */
        RESET
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    static Script of(Then then, String opening) {
        return of(then, bytes(opening));
    }

    static Script of(Then then, ByteBuffer opening) {
        return new Script(opening, NOTHING, 0, then, 1, Integer.MAX_VALUE);
    }

    Script repeating(String text, long bytes) {
        ByteBuffer unit = bytes(text);
        ByteBuffer many = ByteBuffer.allocate(Math.max(1, (16 << 10) / unit.remaining()) * unit.remaining());
        while (many.hasRemaining()) {
            many.put(unit.duplicate());
        }
        return new Script(opening, many.flip(), bytes, then, answerBytes, maxConnections);
    }

    Script withMaxConnections(int max) {
        return new Script(opening, filler, fillerBytes, then, answerBytes, max);
    }

    Script withAnswers(int bytes) {
        return new Script(opening, filler, fillerBytes, then, bytes, maxConnections);
    }

    boolean reads() {
        return then != Then.HOLD && then != Then.RESET;
    }

    long length() {
        return opening.remaining() + fillerBytes;
    }

    /** Returns bytes to send next when so many have been sent; empty when that is all. */
    ByteBuffer after(long sent) {
        if (sent < opening.remaining()) {
            return opening.duplicate().position((int) sent);
        }
        ByteBuffer next = filler.duplicate();
        if (!next.hasRemaining()) {
            return next;
        }
        next.position((int) ((sent - opening.remaining()) % filler.remaining()));
        return next.limit((int) Math.min(next.limit(), next.position() + length() - sent));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
