package io.millio.bench.siege;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The line protocol, whatever the library: {@code ECHO text} is answered with the text, {@code BIG n} with n bytes,
 * {@code SUBSCRIBE} makes the connection receive what the victim broadcasts. Every other line is answered with
 * {@code unknown}. Any thread.
 */
final class LineCommands {
    /** Of one line: as long as the default of Mill-IO's connections allows, nearly. */
    static final int MAX_LINE_BYTES = 1_000_000;

    static final int BROADCAST_BYTES = 8 << 10;
    static final int BROADCAST_MILLIS = 20;

    private static final int BLOCK_BYTES = 16 << 10;
    private static final byte[] BLOCK = filled(BLOCK_BYTES);

    /** A connection of a victim. */
    interface Output {
        /** Writes bytes: they are taken or copied when this returns. */
        void write(ByteBuffer bytes);

        void subscribe();

        /** Writes so many bytes and the end of a line, without a look at how much is queued. */
        default void big(long bytes) {
            for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
                write(block(left));
            }
            write(endOfLine());
        }
    }

    private LineCommands() {}

    static void execute(ByteBuffer line, Output output) {
        byte[] bytes = new byte[line.remaining()];
        line.get(bytes);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.startsWith("ECHO ")) {
            output.write(ByteBuffer.wrap((text.substring(5) + "\n").getBytes(StandardCharsets.ISO_8859_1)));
        } else if (text.startsWith("BIG ")) {
            output.big(Long.parseLong(text.substring(4)));
        } else if (text.equals("SUBSCRIBE")) {
            output.subscribe();
        } else {
            output.write(ByteBuffer.wrap("unknown\n".getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    /** At most so many bytes of an answer. */
    static ByteBuffer block(long atMost) {
        return ByteBuffer.wrap(BLOCK, 0, (int) Math.min(BLOCK_BYTES, atMost));
    }

    static ByteBuffer endOfLine() {
        return ByteBuffer.wrap(new byte[] {'\n'});
    }

    static byte[] broadcast() {
        byte[] line = filled(BROADCAST_BYTES);
        line[line.length - 1] = '\n';
        return line;
    }

    private static byte[] filled(int bytes) {
        byte[] filled = new byte[bytes];
        Arrays.fill(filled, (byte) 'x');
        return filled;
    }
}
