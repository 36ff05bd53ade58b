package io.millio.net;

import io.millio.net.wire.Chunk;
import io.millio.transport.SendableFile;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A part of a file that can be written at once. Made by a {@link FileSource}; the turn's from then on. */
abstract class FileSlice {
    /** Whether it was to be longer, but the file ends here. */
    final boolean endsFile;

    private FileSlice(boolean endsFile) {
        this.endsFile = endsFile;
    }

    /** How many bytes of it are not written yet. */
    abstract long size();

    /** Gives back what it holds. */
    abstract void release();

    /** One in a buffer of this process. */
    static final class Copied extends FileSlice {
        final Chunk chunk;

        Copied(Chunk chunk, boolean endsFile) {
            super(endsFile);
            this.chunk = chunk;
        }

        ByteBuffer buffer() {
            return chunk.buffer;
        }

        @Override
        long size() {
            return chunk.size();
        }

        @Override
        void release() {
            chunk.release();
        }
    }

    /** One that the system has in its memory, for a while, and sends by itself. */
    static final class Sent extends FileSlice {
        private final SendableFile file;
        private long position;
        private long left;

        /** When it was in memory, by the loop's clock. */
        private final long sinceNanos;

        Sent(SendableFile file, long position, long left, boolean endsFile, long sinceNanos) {
            super(endsFile);
            this.file = file;
            this.position = position;
            this.left = left;
            this.sinceNanos = sinceNanos;
        }

        long sinceNanos() {
            return sinceNanos;
        }

        long position() {
            return position;
        }

        /** As {@link TcpStream#transferFrom}, of what is left, up to so many bytes. */
        long send(TcpStream stream, long most) throws IOException {
            long taken = stream.transferFrom(file, position, most);
            if (taken > 0) {
                position += taken;
                left -= taken;
            }
            return taken;
        }

        @Override
        long size() {
            return left;
        }

        @Override
        void release() {}
    }

    /** What a slice is written from; null if that is no buffer. */
    static @Nullable ByteBuffer bufferOf(@Nullable FileSlice slice) {
        return slice instanceof Copied copied ? copied.buffer() : null;
    }
}
