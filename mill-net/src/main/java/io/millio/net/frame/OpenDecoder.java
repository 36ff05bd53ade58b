package io.millio.net.frame;

import java.nio.ByteBuffer;

/** Frames of a format of the program's. */
final class OpenDecoder extends FrameDecoder {
    private final FrameFormat format;

    OpenDecoder(int maxBytes, FrameFormat format) {
        super(maxBytes, 0);
        this.format = format;
    }

    @Override
    int measure(ByteBuffer bytes, int searched) throws FrameException {
        int there = bytes.remaining();
        if (there == 0) {
            return -1;
        }
        int length = format.length(bytes, searched);
        if (length == FrameFormat.UNKNOWN) {
            if (there >= maxBytes) {
                throw tooLarge("over " + maxBytes);
            }
            return -1;
        }
        if (length < 1) {
            throw new IllegalStateException("the length of a frame: " + length + ", must be at least 1, of " + format);
        }
        if (length > maxBytes) {
            throw tooLarge(Integer.toString(length));
        }
        return length > there ? -1 : length;
    }

    @Override
    void trimLast(ByteBuffer rest) throws FrameException {
        throw FrameException.bad(rest.remaining() + " bytes at the end of input are no whole frame");
    }
}
