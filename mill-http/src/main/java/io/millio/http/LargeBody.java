package io.millio.http;

import io.millio.net.WriteResult;
import java.nio.ByteBuffer;

/** A copy of the bytes of a whole answer, which is written as the client takes it. Loop only, once it is made. */
final class LargeBody {
    /** What a connection surely has room for is not copied. */
    static final int MIN_BYTES = 1 << 20;

    private static final int PART_BYTES = 64 * 1024;

    /** How many parts are compressed before other connections get their turn. */
    private static final int MAX_COMPRESSED_PARTS = 2;

    private final ByteBuffer bytes;
    private boolean yielded;

    LargeBody(ByteBuffer of) {
        bytes = ByteBuffer.allocate(of.remaining()).put(of).flip();
    }

    /** Whether the last call has stopped only because of the time that it takes. */
    boolean hasYielded() {
        return yielded;
    }

    /** Writes until there is no room, no connection, or enough for once; returns whether all has been written. */
    boolean writeTo(ResponseWriter writer) {
        int limit = bytes.limit();
        int parts = 0;
        yielded = false;
        while (bytes.position() < limit) {
            int end = Math.min(limit, bytes.position() + PART_BYTES);
            WriteResult result = writer.write(bytes.limit(end), true);
            bytes.limit(limit).position(end);
            if (result == WriteResult.CLOSED || result == WriteResult.PAUSE && end < limit) {
                return false;
            }
            parts++;
            if (parts == MAX_COMPRESSED_PARTS && end < limit && writer.isCompressing()) {
                yielded = true;
                return false;
            }
        }
        return true;
    }
}
