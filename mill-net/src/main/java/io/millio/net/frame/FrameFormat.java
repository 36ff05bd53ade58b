package io.millio.net.frame;

import java.nio.ByteBuffer;

/**
 * Finds the end of the first frame in a stream of bytes: the one thing that a protocol adds to a {@link FrameDecoder},
 * by {@link FrameDecoder#of}. Stateless: one object serves all connections.
 *
 * <pre>{@code
 * // A length in 7 bits of each byte, the lowest first, as protobuf has it; it is a part of the frame.
 * static int varint(ByteBuffer bytes, int searched) throws FrameException {
 *     int length = 0;
 *     for (int i = 0; i < bytes.remaining(); i++) {
 *         byte next = bytes.get(bytes.position() + i);
 *         length |= (next & 0x7f) << 7 * i;
 *         if (next >= 0) {
 *             return i + 1 + length;
 *         }
 *         if (i == 3) {
 *             throw FrameException.bad("a length of more than 28 bits");
 *         }
 *     }
 *     return FrameFormat.UNKNOWN;
 * }
 * }</pre>
 */
@FunctionalInterface
public interface FrameFormat {
    /** The end of the frame is not known yet. */
    int UNKNOWN = -1;

    /**
     * Returns how many bytes the frame has that begins at the position, as soon as that is known: it may be more than
     * there are.
     *
     * @param bytes at least one, from the position to the limit; to be read by absolute index, and left as they are
     * @param searched how many of them an earlier call has had, which returned {@link #UNKNOWN}: an end that is a
     *     delimiter is not among these. 0 if that is not known
     * @return at least 1, or {@link #UNKNOWN}
     * @throws FrameException if the bytes can't be the beginning of a frame
     */
    int length(ByteBuffer bytes, int searched) throws FrameException;
}
