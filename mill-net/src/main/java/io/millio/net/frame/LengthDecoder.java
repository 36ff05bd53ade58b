package io.millio.net.frame;

import io.millio.internal.Arguments;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Frames with a length field. One of 0 bytes counts as 0: the frames then have one size, the adjustment. */
final class LengthDecoder extends FrameDecoder {
    private final int offset;
    private final int lengthBytes;
    private final int adjustment;
    private final int skip;
    private final boolean bigEndian;

    LengthDecoder(int maxBytes, int offset, int lengthBytes, int adjustment, int skip, ByteOrder order) {
        super(maxBytes, skip);
        this.offset = Arguments.between(0, offset, 1 << 16, "offset");
        this.lengthBytes = lengthBytes;
        this.skip = Arguments.between(0, skip, offset + lengthBytes, "skip");
        this.adjustment = adjustment;
        this.bigEndian = order == ByteOrder.BIG_ENDIAN;
    }

    @Override
    int measure(ByteBuffer bytes, int searched) throws FrameException {
        int headBytes = offset + lengthBytes;
        if (bytes.remaining() < headBytes) {
            return -1;
        }
        long value = value(bytes, bytes.position() + offset);
        // A field over half of its 64 bits is negative here: over any maximum all the same.
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw tooLarge(Long.toUnsignedString(value));
        }
        long rest = value + adjustment;
        if (rest < 0) {
            throw FrameException.bad("length field " + value + ", with " + adjustment + " added is negative");
        }
        long frame = headBytes + rest;
        if (frame - skip > maxBytes) {
            throw tooLarge(Long.toString(frame - skip));
        }
        return bytes.remaining() < frame ? -1 : (int) frame;
    }

    private long value(ByteBuffer bytes, int at) {
        long value = 0;
        for (int i = 0; i < lengthBytes; i++) {
            int next = bytes.get(bigEndian ? at + i : at + lengthBytes - 1 - i) & 0xff;
            value = value << 8 | next;
        }
        return value;
    }

    @Override
    void trimLast(ByteBuffer rest) throws FrameException {
        throw FrameException.bad(rest.remaining() + " bytes at the end of input are no whole frame");
    }

    @Override
    int head() {
        return skip;
    }
}
