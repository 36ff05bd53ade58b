package io.millio.net.wire;

import java.nio.ByteBuffer;

/**
 * The buffers of TLS that are in use during a call only; one set a loop. They are of the heap: the platform's ciphers
 * work on arrays, and would copy what is not in one piece by piece.
 */
public final class TlsBuffers {
    /** More than any record: 16 KiB, and what the protocols allow around them. */
    public static final int RECORD_BYTES = 16 * 1024 + 2048 + 5;

    /** What a read fills: records as they come. */
    final ByteBuffer in = ByteBuffer.allocate(64 * 1024 + RECORD_BYTES);

    /** What is to be sent: a few records for each system call. */
    final ByteBuffer out = ByteBuffer.allocate(4 * RECORD_BYTES);

    /** For a record that is larger than the room of the reader. */
    final ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES);

    /** For a write of one buffer. */
    final ByteBuffer[] single = new ByteBuffer[1];
}
