package io.millio.net;

import io.millio.pool.BufferPool;
import io.millio.task.Priority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file in a write queue: one slice is being written, and one is read ahead on the compute pool meanwhile. So a slow
 * disk holds up this connection and nobody else, and a slow peer keeps two slices in memory, not a file.
 */
final class FilePiece extends Piece {
    private static final int SLICE_BYTES = 256 * 1024;

    private final Path file;
    private final CompletableFuture<Long> result = new CompletableFuture<>();

    // The turn's, all; but the channel and the position are the read's while one is under way.
    private @Nullable FileChannel channel;
    private long position;
    private long left;
    private @Nullable Chunk current;
    private @Nullable Chunk ahead;
    private boolean reading;
    private boolean atEnd;
    private boolean over;
    private long read;
    private @Nullable Throwable readFailure;

    FilePiece(Path file, long position, long count) {
        if (position < 0) {
            throw new IllegalArgumentException("position: " + position + ", must not be negative");
        }
        if (count < 0) {
            throw new IllegalArgumentException("count: " + count + ", must not be negative");
        }
        this.file = file;
        this.position = position;
        this.left = count;
        this.atEnd = count == 0;
    }

    CompletableFuture<Long> result() {
        return result;
    }

    @Override
    @Nullable
    ByteBuffer ready(StreamConnection connection) {
        Chunk slice = current;
        if (slice != null && slice.size() == 0) {
            slice.release();
            slice = null;
        }
        if (slice == null) {
            slice = ahead;
            ahead = null;
            current = slice;
        }
        if (ahead == null && !atEnd && !reading) {
            readAhead(connection);
        }
        return slice == null ? null : slice.buffer;
    }

    @Override
    boolean isReadyWhole() {
        return atEnd && ahead == null;
    }

    @Override
    boolean isWritten() {
        Chunk slice = current;
        return atEnd && !reading && ahead == null && (slice == null || slice.size() == 0);
    }

    private void readAhead(StreamConnection connection) {
        reading = true;
        BufferPool pool = connection.options().buffers();
        int bytes = (int) Math.min(left, SLICE_BYTES);
        try {
            CompletableFuture<?> unused = connection
                    .loop()
                    .compute(Priority.NORMAL, () -> readSlice(bytes, pool))
                    .whenComplete((slice, failure) -> sliceRead(connection, slice, failure));
        } catch (RejectedExecutionException e) {
            failed(connection, e);
        }
    }

    /** On the compute pool. */
    private Chunk readSlice(int bytes, BufferPool pool) throws IOException {
        FileChannel from = channel;
        if (from == null) {
            from = FileChannel.open(file, StandardOpenOption.READ);
            channel = from;
        }
        Chunk slice = Chunk.ofSize(bytes, pool);
        ByteBuffer buffer = slice.buffer.limit(bytes);
        try {
            while (buffer.hasRemaining()) {
                int got = from.read(buffer, position);
                if (got < 0) {
                    break;
                }
                position += got;
            }
        } catch (IOException e) {
            slice.release();
            throw e;
        }
        buffer.flip();
        return slice;
    }

    /** In the turn; or, when the loop is closed, wherever the read has ended. */
    private void sliceRead(StreamConnection connection, @Nullable Chunk slice, @Nullable Throwable failure) {
        reading = false;
        if (over) {
            if (slice != null) {
                slice.release();
            }
            closeFile(connection);
            return;
        }
        if (slice == null) {
            failed(connection, failure);
        } else {
            int bytes = slice.size();
            atEnd = bytes < Math.min(left, SLICE_BYTES) || bytes == left;
            left -= bytes;
            read += bytes;
            connection.sliceRead(bytes);
            ahead = slice;
        }
        connection.settleLater();
    }

    private void failed(StreamConnection connection, @Nullable Throwable failure) {
        reading = false;
        atEnd = true;
        readFailure =
                failure instanceof IOException ? failure : new IOException("reading " + file + ": " + failure, failure);
        if (read > 0) {
            connection.end(CloseCause.FAILED, readFailure); // the peer can't know what is missing
        }
    }

    @Override
    boolean ended() {
        over = true;
        for (Chunk each : new @Nullable Chunk[] {current, ahead}) {
            if (each != null) {
                each.release();
            }
        }
        current = null;
        ahead = null;
        return true;
    }

    @Override
    void tell(StreamConnection connection, @Nullable Throwable failure) {
        over = true;
        if (!reading) {
            closeFile(connection);
        }
        if (readFailure != null) {
            result.completeExceptionally(readFailure);
        } else if (failure == null) {
            result.complete(read);
        } else {
            result.cancel(false);
        }
    }

    /** Closing may block, too. */
    private void closeFile(StreamConnection connection) {
        FileChannel open = channel;
        if (open == null) {
            return;
        }
        channel = null;
        try {
            CompletableFuture<?> unused = connection.loop().compute(Priority.NORMAL, () -> {
                open.close();
                return null;
            });
        } catch (RejectedExecutionException e) {
            try {
                open.close();
            } catch (IOException closing) {
                result.completeExceptionally(closing);
            }
        }
    }
}
