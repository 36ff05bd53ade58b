package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.internal.LoopFuture;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Collects a body, up to a limit. */
final class WholeBody implements BodyReader {
    private static final int FIRST_ROOM = 8 * 1024;

    private final RequestMemory memory;
    private final int maxBytes;
    private final Bytes bytes;
    private final CompletableFuture<byte[]> result;

    WholeBody(HttpRequest request, int maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + ", must be at least 0");
        }
        this.memory = RequestMemory.of(request);
        this.result = new LoopFuture<>(request.connection().loop());
        this.maxBytes = maxBytes;
        long announced = request.contentLength();
        this.bytes = new Bytes((int) Math.min(announced < 0 ? FIRST_ROOM : announced, FIRST_ROOM));
        memory.charge(bytes.capacity());
    }

    CompletableFuture<byte[]> result() {
        return result;
    }

    /** It is too long. */
    void refuse() {
        result.completeExceptionally(new HttpException(413, "the body is longer than " + maxBytes));
    }

    @Override
    public void onData(ByteBuffer part) {
        if (part.remaining() > maxBytes - bytes.length()) {
            refuse();
        } else if (!result.isDone()) {
            int before = bytes.capacity();
            bytes.put(part);
            if (bytes.capacity() > before) {
                memory.charge(bytes.capacity() - before);
            }
        }
    }

    @Override
    public void onEnd() {
        result.complete(bytes.toArray());
    }

    @Override
    public void onFailure(Throwable failure) {
        result.completeExceptionally(failure);
    }
}
