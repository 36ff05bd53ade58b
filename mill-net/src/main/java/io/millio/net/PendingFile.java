package io.millio.net;

import io.millio.EventLoop;
import io.millio.internal.Arguments;
import io.millio.internal.LoopFuture;
import io.millio.net.FileSource.FileSlice;
import io.millio.task.Priority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file in a write queue: one slice is being written, and the next is fetched on the compute pool meanwhile.
 * So a slow disk holds up this connection only, and a slow peer keeps two slices in memory, not a file.
 *
 * <p>Where the system can send a file by itself, its slices are in the memory of the system and not in ours. If it
 * turns out that it can't, what is left is copied.
 */
final class PendingFile extends PendingWrite {
    /**
     * After so long a slice may have left the memory of the system: then it is fetched again, so that the loop does not
     * wait.
     */
    private static final long FRESH_NANOS = 1_000_000_000;

    private static final int MAX_ATTEMPTS = 100;

    private final Path file;
    private final FileCheck check;
    final CompletableFuture<Long> result;

    // The turn's, all; but the source is the fetch's while one is under way.
    private @Nullable FileSource source;
    private @Nullable FileSlice current;
    private @Nullable FileSlice ahead;

    // Where the next slice begins, and how much of what was asked for is behind that.
    private long position;
    private long left;
    private long fetchedBytes;

    private boolean copying;
    private boolean fetching;
    private boolean unwanted; // what is being fetched was given up
    private boolean
            fetchedAgain; // for its age, and nothing was sent since: now it is sent at any age, so that it goes on
    private boolean atEnd;
    private boolean over;
    private @Nullable Throwable failure;

    PendingFile(EventLoop loop, Path file, long position, long count, FileCheck check) {
        this.result = new LoopFuture<>(loop);
        this.file = Objects.requireNonNull(file, "file");
        this.check = Objects.requireNonNull(check, "check");
        this.position = Arguments.atLeast(0, position, "position");
        this.left = Arguments.atLeast(0, count, "count");
        this.atEnd = count == 0;
    }

    // ---- writing, in the turn

    @Override
    @Nullable
    ByteBuffer ready(StreamConnection connection) {
        FileSlice slice = next(connection);
        return slice == null ? null : slice.buffer();
    }

    /** The slice to write from; null if it is still being fetched. */
    @Nullable
    FileSlice next(StreamConnection connection) {
        FileSlice slice = current;
        if (slice != null && slice.size() == 0) {
            slice.release();
            slice = null;
        }
        if (slice == null) {
            slice = ahead;
            ahead = null;
            current = slice;
        }
        if (slice != null
                && slice.isSendable()
                && !fetchedAgain
                && connection.loop().nanoTime() - slice.sinceNanos > FRESH_NANOS) {
            turnBack(slice);
            fetchedAgain = true;
            slice = null;
        }
        if (ahead == null && !atEnd && !fetching) {
            fetch(connection);
        }
        return slice;
    }

    @Override
    boolean isReadyWhole() {
        return atEnd && ahead == null;
    }

    @Override
    boolean isWritten() {
        FileSlice slice = current;
        return atEnd && !fetching && ahead == null && (slice == null || slice.size() == 0);
    }

    /**
     * Has the system send from the slice that is {@link #next} and sendable, up to so many bytes.
     *
     * @return as {@link io.millio.transport.TcpStream#transferFrom}; -1 when there was nothing to send after all
     */
    long send(StreamConnection connection, FileSlice slice, long most) throws IOException {
        long taken;
        try {
            taken = slice.send(connection.stream(), most);
        } catch (UnsupportedOperationException e) { // then it is read, and if that fails, too, the reason is reported
            copying = true;
            turnBack(slice);
            return -1;
        }
        if (taken > 0) {
            fetchedAgain = false;
        } else if (taken < 0) { // it was longer when it was fetched
            turnBack(slice);
            left = 0;
            atEnd = true;
        }
        return taken;
    }

    /** Gives up what was fetched and not sent: it is fetched again, or never. */
    private void turnBack(FileSlice slice) {
        long given = slice.size() + (ahead == null ? 0 : ahead.size());
        position = slice.position();
        left += given;
        fetchedBytes -= given;
        current = null;
        ahead = null;
        atEnd = false;
        unwanted = fetching;
    }

    // ---- fetching

    private void fetch(StreamConnection connection) {
        fetching = true;
        long from = position;
        long most = left;
        boolean copied = copying;
        boolean begun = false;
        try {
            CompletableFuture<?> unused = connection
                    .loop()
                    .compute(
                            Priority.HIGH,
                            () -> slice(connection, from, most, copied),
                            (slice, why) -> onFetched(connection, slice, why));
            begun = true;
        } catch (RejectedExecutionException e) {
            failed(connection, e);
        } finally {
            fetching = begun;
        }
    }

    /** On the compute pool. */
    private FileSlice slice(StreamConnection connection, long from, long most, boolean copied) throws IOException {
        FileSource open = source;
        if (copied && open != null && open.isSending()) {
            source = null;
            open.close();
            open = null;
        }
        if (open == null) {
            open = FileSource.open(connection, file, copied);
            source = open;
            try {
                check.check(file);
            } catch (UnsupportedOperationException e) {
                throw new IOException("check of " + file + ": " + e, e); // not the system's: nothing is copied instead
            }
        }
        return open.slice(from, most);
    }

    /** In the turn; or, when the loop is closed, wherever the fetch has ended. */
    private void onFetched(StreamConnection connection, @Nullable FileSlice slice, @Nullable Throwable why) {
        try {
            fetched(connection, slice, why);
        } catch (Throwable t) {
            connection.settlingFailed(t); // else it would wait for ever
        }
    }

    private void fetched(StreamConnection connection, @Nullable FileSlice slice, @Nullable Throwable why) {
        fetching = false;
        boolean wanted = !unwanted;
        unwanted = false;
        if (over || !wanted) {
            if (slice != null) {
                slice.release();
            }
            if (over) {
                closeFile(connection);
                return;
            }
        } else if (slice != null) {
            add(connection, slice);
        } else if (why instanceof UnsupportedOperationException && !copying) {
            copying = true;
            FileSlice unsent = current;
            if (unsent != null && unsent.isSendable()) {
                turnBack(unsent); // its file is closed before another way is gone
            }
        } else {
            failed(connection, why);
        }
        connection.settleLater(false);
    }

    private void add(StreamConnection connection, FileSlice slice) {
        long bytes = slice.size();
        position += bytes;
        left -= bytes;
        fetchedBytes += bytes;
        atEnd = slice.endsFile || left == 0;
        if (!slice.isSendable()) {
            connection.queue().count(bytes);
        }
        ahead = slice;
    }

    private void failed(StreamConnection connection, @Nullable Throwable why) {
        atEnd = true;
        failure = why instanceof IOException ? why : new IOException("reading " + file + ": " + why, why);
        if (fetchedBytes > 0) {
            connection.end(CloseCause.FAILED, failure); // the peer can't know what is missing
        }
    }

    // ---- ending

    @Override
    boolean release() {
        over = true;
        FileSlice first = current;
        FileSlice second = ahead;
        current = null;
        ahead = null;
        try {
            if (first != null) {
                first.release();
            }
        } finally {
            if (second != null) {
                second.release();
            }
        }
        return true;
    }

    @Override
    void complete(StreamConnection connection, @Nullable Throwable why) {
        over = true;
        try {
            if (!fetching) {
                closeFile(connection);
            }
        } finally {
            completeResult(why);
        }
    }

    /** Completing takes a little memory. */
    private void completeResult(@Nullable Throwable why) {
        for (int attempt = 1; !result.isDone(); attempt++) {
            try {
                Throwable thrown = failure == null ? why : failure;
                if (thrown == null) {
                    result.complete(fetchedBytes);
                } else {
                    result.completeExceptionally(thrown);
                }
            } catch (OutOfMemoryError | StackOverflowError e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Closing may block, too. */
    private void closeFile(StreamConnection connection) {
        FileSource open = source;
        if (open == null) {
            return;
        }
        source = null;
        boolean begun = false;
        try {
            CompletableFuture<?> unused = connection
                    .loop()
                    .compute(
                            Priority.HIGH,
                            () -> {
                                open.close();
                                return null;
                            },
                            (done, why) -> {
                                if (why instanceof CancellationException) { // the loop was closed before it began
                                    closeHere(open);
                                }
                            });
            begun = true;
        } catch (RejectedExecutionException e) {
            // the loop is closed
        } finally {
            if (!begun) {
                closeHere(open);
            }
        }
    }

    private static void closeHere(FileSource open) {
        try {
            open.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // which is reported
        }
    }
}
