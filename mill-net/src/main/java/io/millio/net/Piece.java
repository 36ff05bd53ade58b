package io.millio.net;

import io.millio.net.wire.Chunk;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** One entry of a write queue. Belongs to the queue's lock while it is in the inbox, to the turn afterwards. */
abstract class Piece {
    @Nullable
    Piece next;

    /** What can be written now; null: nothing yet. */
    abstract @Nullable ByteBuffer ready(StreamConnection connection);

    /** Whether what is ready is the rest of it: else nothing behind it may be written yet. */
    boolean isReadyWhole() {
        return true;
    }

    /** Whether all of it has been written. */
    abstract boolean isWritten();

    /** Takes its end; returns whether there is somebody to tell. */
    abstract boolean ended();

    /** Tells its end: null when it was written. */
    abstract void tell(StreamConnection connection, @Nullable Throwable failure) throws Exception;

    /** Why one that was not written ended. */
    static Throwable cancelled() {
        return new CancellationException("the connection ended before this was written");
    }

    /** Copied bytes. */
    static final class Copied extends Piece {
        final Chunk chunk;

        Copied(Chunk chunk) {
            this.chunk = chunk;
        }

        @Override
        ByteBuffer ready(StreamConnection connection) {
            return chunk.buffer;
        }

        @Override
        boolean isWritten() {
            return !chunk.buffer.hasRemaining();
        }

        @Override
        boolean ended() {
            chunk.release();
            return false;
        }

        @Override
        void tell(StreamConnection connection, @Nullable Throwable failure) {}
    }

    /** The caller's buffer, until its completion. */
    static final class Lent extends Piece {
        private final ByteBuffer buffer;
        private final WriteCompletion completion;

        Lent(ByteBuffer buffer, WriteCompletion completion) {
            this.buffer = buffer;
            this.completion = completion;
        }

        @Override
        ByteBuffer ready(StreamConnection connection) {
            return buffer;
        }

        @Override
        boolean isWritten() {
            return !buffer.hasRemaining();
        }

        @Override
        boolean ended() {
            return true;
        }

        @Override
        void tell(StreamConnection connection, @Nullable Throwable failure) throws Exception {
            completion.onWritten(connection, buffer, failure);
        }
    }
}
