package io.millio.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes the body of a request to a thread that blocks for it: a bounded buffer between the loop, which fills it and
 * pauses the body while it is full, and that thread.
 */
final class BodyInputStream extends InputStream implements BodyReader {
    private static final int MAX_BUFFERED_BYTES = 64 * 1024;

    private final HttpRequest request;
    private final RequestMemory memory;
    private final ReentrantLock lock = new ReentrantLock(); // virtual threads wait for it without pinning a carrier
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final ArrayDeque<ByteBuffer> parts = new ArrayDeque<>();
    private int buffered;
    private boolean paused;
    private boolean ended;
    private boolean closed;
    private @Nullable Throwable failure;

    BodyInputStream(HttpRequest request) {
        this.request = request;
        this.memory = RequestMemory.of(request);
    }

    // ---- the loop

    @Override
    public void onData(ByteBuffer bytes) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            int count = bytes.remaining();
            parts.addLast(ByteBuffer.allocate(count).put(bytes).flip());
            buffered += count;
            memory.charge(count);
            if (buffered >= MAX_BUFFERED_BYTES) {
                paused = true;
                request.pauseBody();
            }
            changed.signalAll();
        } catch (Throwable t) { // no memory: no other callback follows
            failure = t;
            changed.signalAll();
            throw t;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onEnd() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onFailure(Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- the thread that reads

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        int count;
        boolean resumes;
        lock.lock();
        try {
            ByteBuffer part = awaitPart();
            if (part == null) {
                return -1;
            }
            count = Math.min(length, part.remaining());
            part.get(to, offset, count);
            if (!part.hasRemaining()) {
                memory.release(parts.removeFirst().capacity());
            }
            buffered -= count;
            resumes = paused && buffered <= MAX_BUFFERED_BYTES / 2;
            paused &= !resumes;
        } finally {
            lock.unlock();
        }
        if (resumes) {
            request.resumeBody();
        }
        return count;
    }

    /** Waits for bytes; null at the end. Holds the lock. */
    private @Nullable ByteBuffer awaitPart() throws IOException {
        if (request.connection().loop().inLoop()) {
            throw new IllegalStateException("the loop's thread must not wait for a body: " + request);
        }
        while (parts.isEmpty()) {
            Throwable cause = failure;
            if (closed) {
                throw new IOException("the stream is closed");
            }
            if (cause != null) {
                throw cause instanceof HttpException known
                        ? new BodyException(known)
                        : new IOException(cause.getMessage(), cause);
            }
            if (ended) {
                return null;
            }
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for a body");
                interrupted.initCause(e);
                throw interrupted;
            }
        }
        return parts.getFirst();
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return buffered;
        } finally {
            lock.unlock();
        }
    }

    /** Wants no more: the rest of the body is not read, and the connection ends with the answer. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            parts.forEach(part -> memory.release(part.capacity()));
            parts.clear();
            buffered = 0;
            if (!ended && failure == null) {
                request.pauseBody();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
