package io.millio.http.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that are being put together: an array that grows, and a buffer over it. One thread at a time. */
public final class Bytes {
    private byte[] array;
    private ByteBuffer view;
    private int length;

    public Bytes(int room) {
        array = new byte[room];
        view = ByteBuffer.wrap(array);
    }

    public int length() {
        return length;
    }

    /** Returns how many bytes of memory there are. */
    public int capacity() {
        return array.length;
    }

    public Bytes clear() {
        length = 0;
        return this;
    }

    private void reserve(int count) {
        if (array.length - length < count) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, length + count));
            view = ByteBuffer.wrap(array);
        }
    }

    public Bytes put(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, array, length, bytes.length);
        length += bytes.length;
        return this;
    }

    public Bytes put(Bytes bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes.array, 0, array, length, bytes.length);
        length += bytes.length;
        return this;
    }

    public Bytes put(ByteBuffer bytes) {
        int count = bytes.remaining();
        reserve(count);
        bytes.get(array, length, count);
        length += count;
        return this;
    }

    public Bytes put(char ascii) {
        reserve(1);
        array[length++] = (byte) ascii;
        return this;
    }

    /** Each character is a byte; the caller has seen to it. */
    @SuppressWarnings("deprecation") // takes characters for bytes without an encoder, and makes no array
    public Bytes put(String latin) {
        int count = latin.length();
        reserve(count);
        latin.getBytes(0, count, array, length);
        length += count;
        return this;
    }

    /** In decimal; not negative. */
    public Bytes put(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        reserve(digits);
        int at = length + digits;
        length = at;
        long rest = number;
        do {
            array[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        return this;
    }

    /** In hexadecimal; not negative. */
    public Bytes putHex(int number) {
        int shift = Math.max(0, 28 - Integer.numberOfLeadingZeros(number) / 4 * 4);
        reserve(8);
        for (; shift >= 0; shift -= 4) {
            array[length++] = (byte) "0123456789abcdef".charAt(number >>> shift & 15);
        }
        return this;
    }

    /** All of it; the buffer is this object's, and the next call's too. */
    public ByteBuffer buffer() {
        return view.position(0).limit(length);
    }

    public byte[] toArray() {
        return Arrays.copyOf(array, length);
    }
}
