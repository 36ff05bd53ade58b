package io.millio.http;

import io.millio.EventLoop;
import io.millio.internal.LoopFuture;
import io.millio.internal.Persistently;
import io.millio.internal.RunSubject;
import io.millio.task.Priority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of a request to a new file, on the compute pool: one step at a time, while the loop collects the
 * bytes of the next, up to a bound. Loop thread only, but for the steps.
 */
final class BodyFile implements BodyReader {
    private static final int ROOM = 128 * 1024;

    private final HttpRequest request;
    private final RequestMemory memory;
    private final EventLoop loop;
    private final Path path;
    private final CompletableFuture<Long> result;

    /** Collects while the other one is being written. */
    private ByteBuffer collected = ByteBuffer.allocate(0);

    private boolean busy;
    private boolean paused;
    private boolean ended;
    private long written;
    private @Nullable Throwable failure;

    // Of the step in progress, which the loop begins and ends.
    private @Nullable FileChannel channel;

    BodyFile(HttpRequest request, Path path) {
        this.request = request;
        this.memory = RequestMemory.of(request);
        this.loop = request.connection().loop();
        this.path = path;
        this.result = new LoopFuture<>(loop);
    }

    CompletableFuture<Long> result() {
        return result;
    }

    @Override
    public void onData(ByteBuffer bytes) {
        if (failure != null) {
            return; // of the file: the rest is discarded
        }
        try {
            collect(bytes);
            next();
        } catch (Throwable t) {
            fail(t);
        }
    }

    private void collect(ByteBuffer bytes) {
        if (collected.remaining() < bytes.remaining()) {
            int count = collected.position() + bytes.remaining();
            int before = collected.capacity();
            collected = ByteBuffer.allocate(Math.max(count, ROOM)).put(collected.flip());
            memory.charge(collected.capacity() - before);
        }
        collected.put(bytes);
        if (collected.position() >= ROOM / 2) {
            paused = true;
            request.pauseBody();
        }
    }

    @Override
    public void onEnd() {
        ended = true;
        next();
    }

    @Override
    public void onFailure(Throwable cause) {
        fail(cause);
    }

    private void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        next();
    }

    /** Begins the next step, if none is in progress. */
    private void next() {
        if (busy || result.isDone()) {
            return;
        }
        Throwable cause = failure;
        if (cause != null) {
            step(this::remove, () -> result.completeExceptionally(cause));
        } else if (collected.position() > 0 || channel == null) {
            ByteBuffer bytes = collected.flip();
            collected = ByteBuffer.allocate(0);
            int count = bytes.remaining();
            step(() -> write(bytes), () -> {
                written += count;
                memory.release(bytes.capacity());
            });
        } else if (ended) {
            step(this::close, () -> result.complete(written));
        }
    }

    private void step(Callable<?> task, Runnable then) {
        busy = true;
        try {
            Callable<?> named = RunSubject.computation(request.connection(), task);
            CompletableFuture<?> unused =
                    loop.compute(Priority.HIGH, named, (value, thrown) -> stepEnded(thrown, then));
        } catch (Throwable t) {
            busy = false;
            removeNow(t);
        }
    }

    private void stepEnded(@Nullable Throwable thrown, Runnable then) {
        busy = false;
        if (thrown instanceof CancellationException) {
            removeNow(thrown); // the loop is closed
            return;
        }
        if (thrown != null && failure != null) {
            removeNow(failure); // the file could not be removed
            return;
        }
        if (thrown != null) {
            failure = thrown;
        } else {
            then.run();
        }
        if (paused && !result.isDone()) {
            paused = false;
            request.resumeBody();
        }
        next();
    }

    /** Where the pool takes no step any more, for it is closed or full, or there is no memory. */
    private void removeNow(Throwable cause) {
        try {
            remove();
        } catch (Throwable t) {
            cause.addSuppressed(t);
        } finally {
            Persistently.fail(result, cause);
        }
    }

    // ---- steps, on the compute pool

    private @Nullable Void write(ByteBuffer bytes) throws IOException {
        FileChannel to = channel;
        if (to == null) {
            to = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel = to;
        }
        try {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
        } catch (IOException e) { // a channel does not name its file
            throw new IOException("writing " + path + ": " + e.getMessage(), e);
        }
        return null;
    }

    private @Nullable Void close() throws IOException {
        FileChannel open = channel;
        if (open != null) {
            open.close();
        }
        return null;
    }

    /** Removes what has been written; a file that was there before is not touched. */
    private @Nullable Void remove() throws IOException {
        FileChannel open = channel;
        if (open != null) {
            channel = null;
            try {
                open.close();
            } finally {
                Files.deleteIfExists(path);
            }
        }
        return null;
    }
}
