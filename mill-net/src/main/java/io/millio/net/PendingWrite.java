package io.millio.net;

import io.millio.internal.Exceptions;
import io.millio.internal.RunSubject;
import io.millio.net.wire.Chunk;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a write queue. Guarded by the lock of the queue while it is in the inbox, loop thread only afterwards.
 */
abstract class PendingWrite {
    @Nullable
    PendingWrite next;

    /** What can be written now; null: nothing yet. */
    abstract @Nullable ByteBuffer ready(StreamConnection connection);

    /** Whether what is ready is the rest of it: else nothing behind it may be written yet. */
    boolean isReadyWhole() {
        return true;
    }

    /** Whether all of it has been written. */
    abstract boolean isWritten();

    /** Gives back what it holds; returns whether its end must be reported. */
    boolean release() {
        return true;
    }

    /** Reports its end: null when it was written. */
    abstract void complete(StreamConnection connection, @Nullable Throwable failure) throws Exception;

    /** Returns the failure of one that was not written. */
    static Throwable cancelled() {
        try {
            return new CancellationException("the connection ended before this was written");
        } catch (OutOfMemoryError | StackOverflowError e) {
            return e; // its end is reported in any case
        }
    }

    /** Reports that it was not taken, as soon as no callback is running. Any thread. */
    final void cancelLater(StreamConnection connection) {
        Runnable task = () -> {
            try {
                complete(connection, cancelled());
            } catch (Exception e) {
                Exceptions.rethrow(e);
            }
        };
        try {
            connection.loop().execute(RunSubject.task(connection, task));
        } catch (RejectedExecutionException e) {
            task.run(); // on this thread, as the loop is closed
        }
    }

    /** What is in front of it is written in plain text, what is behind it is encrypted. */
    static final class TlsBarrier extends PendingWrite {
        final StartTls settings;

        /** Whether the handshake is done. */
        boolean passed;

        TlsBarrier(StartTls settings) {
            this.settings = settings;
        }

        @Override
        @Nullable
        ByteBuffer ready(StreamConnection connection) {
            return null;
        }

        @Override
        boolean isWritten() {
            return passed;
        }

        @Override
        boolean release() {
            return false;
        }

        @Override
        void complete(StreamConnection connection, @Nullable Throwable failure) {}
    }

    /** Copied bytes. */
    static final class Copied extends PendingWrite {
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
        boolean release() {
            chunk.release();
            return false;
        }

        @Override
        void complete(StreamConnection connection, @Nullable Throwable failure) {}
    }

    /** The caller's buffer, until its completion. */
    static final class Lent extends PendingWrite {
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
        void complete(StreamConnection connection, @Nullable Throwable failure) throws Exception {
            completion.onWritten(connection, buffer, failure);
        }
    }
}
