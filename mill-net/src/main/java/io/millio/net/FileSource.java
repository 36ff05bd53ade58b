package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.transport.SendableFile;
import io.millio.transport.TcpStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An open file, and how slices of it are made that can be written without waiting for a disk: read into buffers, or
 * brought into the memory of the system, which sends them from there. On the compute pool.
 *
 * @param path for messages
 * @param channel null: the system sends
 */
record FileSource(
        StreamConnection connection,
        Path path,
        @Nullable FileChannel channel,
        @Nullable SendableFile file) implements Closeable {
    private static final int MAX_ATTEMPTS = 100;
    private static final int COPIED_SLICE_BYTES = 256 * 1024;
    private static final int SENT_SLICE_BYTES = 1 << 20;

    /** Opens a file; the system sends it if it can, unless it is to be copied. */
    static FileSource open(StreamConnection connection, Path file, boolean copied) throws IOException {
        SendableFile sendable = copied || !connection.wire.isPlain()
                ? null
                : connection.stream().openFile(file);
        FileChannel channel = sendable == null ? FileChannel.open(file, StandardOpenOption.READ) : null;
        FileSource opened = null;
        try {
            opened = new FileSource(connection, file, channel, sendable);
            return opened;
        } finally {
            if (opened == null) {
                close(channel == null ? sendable : channel);
            }
        }
    }

    boolean isSending() {
        return file != null;
    }

    /** Makes a slice of at most so many bytes; of fewer where the file ends before. */
    FileSlice slice(long position, long max) throws IOException {
        if (file != null) {
            int bytes = (int) Math.min(max, SENT_SLICE_BYTES);
            long there = file.prefetch(position, bytes);
            return new FileSlice(
                    null,
                    file,
                    position,
                    there,
                    there < bytes,
                    connection.loop().nanoTime());
        }
        int bytes = (int) Math.min(max, COPIED_SLICE_BYTES);
        Chunk chunk = Chunk.ofSize(bytes, connection.options().buffers(), connection);
        FileSlice slice = null;
        try {
            read(chunk.buffer.limit(bytes), position);
            slice = new FileSlice(chunk, null, position, 0, chunk.size() < bytes, 0);
            return slice;
        } finally {
            if (slice == null) {
                chunk.release();
            }
        }
    }

    private void read(ByteBuffer buffer, long position) throws IOException {
        try {
            for (int got = 0; channel != null && got >= 0 && buffer.hasRemaining(); ) {
                got = channel.read(buffer, position + buffer.position());
            }
        } catch (IOException e) { // a channel does not name its file
            throw new IOException("reading " + path + ": " + e.getMessage(), e);
        }
        buffer.flip();
    }

    @Override
    public void close() throws IOException {
        close(channel == null ? file : channel);
    }

    /** Tries again while memory is scarce: no other call will. */
    private static void close(@Nullable Closeable open) throws IOException {
        for (int attempt = 1; open != null; attempt++) {
            try {
                open.close();
                return;
            } catch (OutOfMemoryError | StackOverflowError e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * A part of a file that can be written at once: in a buffer of this process, or in the memory of the system, which
     * sends it by itself. Loop thread only from then on.
     */
    static final class FileSlice {
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
}
