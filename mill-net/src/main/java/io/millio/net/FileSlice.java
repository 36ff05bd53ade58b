package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.transport.SendableFile;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file that can be written at once: in a buffer of this process, or in the memory of the system, which
 * sends it by itself. Made by a {@link FileSource}; loop thread only from then on.
 */
final class FileSlice {
    /** When it was in memory, by the loop's clock. */
    final long sinceNanos;

    /** Whether it was to be longer, but the file ends here. */
    final boolean endsFile;

    // One of both.
    private final @Nullable Chunk chunk;
    private final @Nullable SendableFile file;

    // Of one that the system sends: what is left of it.
    private long position;
    private long left;

    FileSlice(
            @Nullable Chunk chunk,
            @Nullable SendableFile file,
            long position,
            long left,
            boolean endsFile,
            long sinceNanos) {
        this.chunk = chunk;
        this.file = file;
        this.position = position;
        this.left = left;
        this.endsFile = endsFile;
        this.sinceNanos = sinceNanos;
    }

    boolean isSendable() {
        return file != null;
    }

    /** What it is written from; null: the system sends it. */
    @Nullable
    ByteBuffer buffer() {
        return chunk == null ? null : chunk.buffer;
    }

    /** How many bytes of it are not written yet. */
    long size() {
        return chunk == null ? left : chunk.size();
    }

    /** Where in the file those begin that the system has not sent yet. */
    long position() {
        return position;
    }

    /** As {@link TcpStream#transferFrom}, of what is left, up to so many bytes. */
    long send(TcpStream stream, long max) throws IOException {
        long taken = stream.transferFrom(Objects.requireNonNull(file), position, max);
        if (taken > 0) {
            position += taken;
            left -= taken;
        }
        return taken;
    }

    /** Gives back what it holds. */
    void release() {
        if (chunk != null) {
            chunk.release();
        }
    }
}
