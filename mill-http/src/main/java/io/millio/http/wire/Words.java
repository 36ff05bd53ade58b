package io.millio.http.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Eight bytes of an array at once, the first one in the lowest bits. A mask has the highest bit of each byte that it
 * marks, and no other bit; sums of seven bits never carry into the next byte, so that masks are exact where nothing
 * else is said.
 *
 * <p>The idea of working on the bytes of a word in parallel is from L. Lamport, "Multiple byte processing with
 * full-word instructions", Communications of the ACM 18 (8), 1975. Each method is O(1).
 */
final class Words {
    static final int BYTES = Long.BYTES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long LOW = 0x7f * ONES;
    private static final long CASE = 0x20 * ONES;

    private Words() {}

    static long get(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    /** Returns eight bytes with the letters in lower case; a control character becomes another one, too. */
    static long lower(byte[] bytes, int at) {
        return get(bytes, at) | CASE;
    }

    /** Returns four bytes, as {@link #lower} does. */
    static int lowerInt(byte[] bytes, int at) {
        return getInt(bytes, at) | (int) CASE;
    }

    /** Returns the word of eight ASCII characters. */
    static long of(String text) {
        return get(text.getBytes(StandardCharsets.US_ASCII), 0);
    }

    /** Returns the word of four ASCII characters. */
    static int ofInt(String text) {
        return getInt(text.getBytes(StandardCharsets.US_ASCII), 0);
    }

    /** Marks what is neither a letter nor a hyphen. */
    static long notInNames(long word) {
        long lower = word & LOW | CASE;
        long letters = lower + (0x80 - 'a') * ONES & ~(lower + (0x80 - 'z' - 1) * ONES);
        return (~letters & not(word, '-') | word) & HIGH;
    }

    /** Marks what is not visible ASCII or a space; exact up to the first one that it marks. */
    static long notPrintable(long word) {
        return (word - ' ' * ONES | word + ONES | word) & HIGH;
    }

    /** Marks what is not visible ASCII, the characters up to the percent sign, and the question mark. */
    static long notInPaths(long word) {
        long low = word & LOW;
        return (~(low + (0x80 - '%' - 1) * ONES) | low + ONES | ~not(word, '?') | word) & HIGH;
    }

    /** Has the highest bit of each byte that is not this character; what the other bits are does not count. */
    private static long not(long word, char ascii) {
        long difference = word ^ ascii * ONES;
        return (difference & LOW) + LOW | difference;
    }

    /** Returns how many bytes are in front of the first one that a mask marks; the mask is not zero. */
    static int first(long mask) {
        return Long.numberOfTrailingZeros(mask) >>> 3;
    }
}
