package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.pool.BufferPool;
import io.millio.transport.SendableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An open file, and how slices of it are made that can be written without waiting for a disk. On the compute pool. */
interface FileSource extends Closeable {
    /** How many bytes a slice has; the last has fewer. */
    int sliceBytes();

    /** Makes a slice of so many bytes, at most {@link #sliceBytes}; of fewer where the file ends before. */
    FileSlice slice(long position, int bytes) throws IOException;

    /** Reads slices into buffers of the pool. */
    record Copying(FileChannel channel, BufferPool pool) implements FileSource {
        private static final int SLICE_BYTES = 256 * 1024;

        static Copying open(Path file, BufferPool pool) throws IOException {
            return new Copying(FileChannel.open(file, StandardOpenOption.READ), pool);
        }

        @Override
        public int sliceBytes() {
            return SLICE_BYTES;
        }

        @Override
        public FileSlice slice(long position, int bytes) throws IOException {
            Chunk chunk = Chunk.ofSize(bytes, pool);
            ByteBuffer buffer = chunk.buffer.limit(bytes);
            try {
                int got = 0;
                while (got >= 0 && buffer.hasRemaining()) {
                    got = channel.read(buffer, position + buffer.position());
                }
            } catch (IOException e) {
                chunk.release();
                throw e;
            }
            buffer.flip();
            return new FileSlice.Copied(chunk, buffer.limit() < bytes);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Has the system bring slices into its memory, from where it sends them. */
    record Sending(SendableFile file, StreamConnection connection) implements FileSource {
        private static final int SLICE_BYTES = 1 << 20;

        @Override
        public int sliceBytes() {
            return SLICE_BYTES;
        }

        @Override
        public FileSlice slice(long position, int bytes) throws IOException {
            long there = file.prefetch(position, bytes);
            return new FileSlice.Sent(
                    file, position, there, there < bytes, connection.loop().nanoTime());
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
