package io.millio.http;

import io.millio.net.WriteResult;
import java.nio.ByteBuffer;

/** A copy of the bytes of a whole answer, which is written as the client takes it. Loop only, once it is made. */
final class LargeBody {
    /** What a connection surely has room for is not copied. */
    static final int MIN_BYTES = 1 << 20;

    private static final int PART_BYTES = 64 * 1024;

    private final ByteBuffer bytes;

    LargeBody(ByteBuffer of) {
        bytes = ByteBuffer.allocate(of.remaining()).put(of).flip();
    }

    /** Writes until there is no room, or no connection; returns whether all has been written. */
    boolean writeTo(ResponseWriter writer) {
        int limit = bytes.limit();
        while (bytes.position() < limit) {
            int end = Math.min(limit, bytes.position() + PART_BYTES);
            WriteResult result = writer.write(bytes.limit(end), true);
            bytes.limit(limit).position(end);
            if (result == WriteResult.CLOSED || result == WriteResult.PAUSE && end < limit) {
                return false;
            }
        }
        return true;
    }
}
