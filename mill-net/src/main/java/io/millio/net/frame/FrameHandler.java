package io.millio.net.frame;

import io.millio.net.Connection;
import java.nio.ByteBuffer;

/** Is given the frames that a {@link FrameDecoder} finds. */
@FunctionalInterface
public interface FrameHandler {
    /**
     * One whole frame.
     *
     * @param frame its content, from position to limit, in the buffer that the bytes came in: valid until this returns
     */
    void onFrame(Connection connection, ByteBuffer frame) throws Exception;
}
