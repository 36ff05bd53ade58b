package io.millio.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Called when a write has ended: see {@link Connection#write(ByteBuffer, WriteCompletion)}. */
@FunctionalInterface
public interface WriteCompletion {
    /**
     * The buffer is the caller's again.
     *
     * @param failure null when the system has taken all bytes; a {@link java.util.concurrent.CancellationException}
     *     when the connection ended first
     */
    void onWritten(Connection connection, ByteBuffer bytes, @Nullable Throwable failure) throws Exception;
}
