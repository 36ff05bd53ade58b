package io.millio.http.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a head that is being parsed, copied once from the buffers in which they come. A buffer may have more
 * than the head, such as a body or further requests: so a little is copied first, and more when that is not enough. One
 * thread at a time.
 */
final class HeadBytes {
    /** How much is copied first: most heads are shorter. */
    static final int FIRST_BYTES = 512;

    /** The capacity that is kept for the next head. */
    private static final int MAX_KEPT_BYTES = 4 * 1024;

    /** The bytes; replaced when it grows. Scanner.SLACK bytes at its end are never part of the head. */
    byte[] array = new byte[FIRST_BYTES + Scanner.SLACK];

    private int length;

    /** Returns how many bytes have been copied. */
    int length() {
        return length;
    }

    /** Returns how much can be copied before the array grows. */
    int capacity() {
        return array.length - Scanner.SLACK;
    }

    void clear() {
        length = 0;
        if (capacity() > MAX_KEPT_BYTES) {
            array = new byte[FIRST_BYTES + Scanner.SLACK];
        }
    }

    /** Copies what comes next of a buffer that has the head from its position on; at most doubles what there is. */
    void fill(ByteBuffer in) {
        int count = Math.min(in.remaining() - length, Math.max(length, FIRST_BYTES));
        if (count > capacity() - length) {
            array = Arrays.copyOf(array, Math.max(2 * capacity(), length + count) + Scanner.SLACK);
        }
        in.get(in.position() + length, array, length, count);
        length += count;
    }
}
