package io.millio.net.frame;

import java.nio.ByteBuffer;

/** Frames of one size. */
final class FixedDecoder extends FrameDecoder {
    FixedDecoder(int frameBytes) {
        super(frameBytes);
    }

    @Override
    int measure(ByteBuffer bytes, int searched) {
        return bytes.remaining() < maxBytes ? -1 : maxBytes;
    }

    @Override
    int head() {
        return 0;
    }

    @Override
    int tail(ByteBuffer bytes, int start, int end) {
        return 0;
    }
}
