package io.millio.http;

import io.millio.net.WriteResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Writes an answer from a thread that blocks while the client does not take it. One thread writes at a time. */
final class BodyOutputStream extends OutputStream {
    private static final int ROOM = 8 * 1024;

    /** How much is written at once, so that what is queued stays near the high watermark. */
    private static final int MAX_PART_BYTES = 64 * 1024;

    private final HttpRequest request;
    private final HttpResponse response;
    private final ByteBuffer buffer = ByteBuffer.allocate(ROOM);
    private final ReentrantLock lock = new ReentrantLock(); // virtual threads wait for it without pinning a carrier
    private final Condition changed = lock.newCondition();
    private boolean closed;

    // Guarded by the lock.
    private boolean writable;
    private boolean gone;

    BodyOutputStream(HttpRequest request, HttpResponse response) {
        this.request = request;
        this.response = response;
        RequestMemory.of(request).charge(ROOM);
        response.onWritable(() -> signal(false));
        response.onClosed(() -> signal(true));
    }

    /** In the loop. */
    private void signal(boolean ended) {
        lock.lock();
        try {
            writable = true;
            gone |= ended;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        check();
        if (length > buffer.remaining()) {
            flush();
        }
        if (length < buffer.remaining()) {
            buffer.put(from, offset, length);
            return;
        }
        for (int at = 0; at < length; at += MAX_PART_BYTES) {
            send(ByteBuffer.wrap(from, offset + at, Math.min(MAX_PART_BYTES, length - at)));
        }
    }

    /** Sends what was written so far; the head first. */
    @Override
    public void flush() throws IOException {
        check();
        if (response.answer.isOpen()) {
            response.start();
        }
        if (buffer.position() > 0) {
            send(buffer.flip());
            buffer.clear();
        }
    }

    /** Sends the rest, and ends the answer: with a Content-Length, if nothing of it has been sent before. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        check();
        if (response.answer.isOpen()) {
            closed = true;
            response.send(buffer.flip());
            return;
        }
        try {
            flush();
        } finally {
            closed = true;
        }
        response.end();
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        if (request.connection().loop().inLoop()) {
            throw new IllegalStateException("the loop's thread must not wait for a client: " + request);
        }
    }

    private void send(ByteBuffer bytes) throws IOException {
        if (response.answer.isOpen()) {
            response.start();
        }
        lock.lock();
        try {
            writable = false;
        } finally {
            lock.unlock();
        }
        WriteResult result = response.write(bytes);
        if (result == WriteResult.PAUSE) {
            awaitWritable();
        } else if (result == WriteResult.CLOSED
                && (response.hasBody() || !request.connection().isOpen())) {
            throw ended();
        }
    }

    private void awaitWritable() throws IOException {
        lock.lock();
        try {
            while (!writable) {
                changed.await();
            }
            if (gone) {
                throw ended();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for a client");
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            lock.unlock();
        }
    }

    private static BodyException ended() {
        return new BodyException(new HttpException(400, "connection closed before the answer was complete"));
    }
}
