package io.millio.http;

import io.millio.http.wire.Bytes;
import io.millio.http.wire.Gzip;
import io.millio.http.wire.Statuses;
import io.millio.net.Connection;
import io.millio.net.WriteRefusedException;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Writes an answer and frames its body. Belongs to the thread that writes the answer, to the loop after its end. */
final class ResponseWriter extends ResponseHead {
    /** The length of a body that is not known before its end. */
    static final long UNKNOWN = -1;

    private static final int LARGE_BYTES = 8 * 1024;

    /** How much of a whole answer is compressed at once; more is compressed as the client takes it. */
    private static final int MAX_COMPRESSED_AT_ONCE = 64 * 1024;

    private static final byte[] END_OF_LINE = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n'};

    private final HttpResponse response;

    /** Whether a filter or renderer of the program runs, which may change fields although the answer has begun. */
    boolean filtering;

    private boolean chunked;
    private boolean silent;
    private long left = UNKNOWN;
    private long sentBytes;

    // Volatile: set by the thread that writes the answer, released by the loop.
    volatile @Nullable Gzip gzip;

    /** The result of the last write of compressed bytes. */
    private WriteResult written = WriteResult.CONTINUE;

    ResponseWriter(HttpResponse response, HttpRequest request) {
        super(request);
        this.response = response;
    }

    /** Whether nothing of the body is sent, for there may be none. */
    boolean isSilent() {
        return silent;
    }

    long sentBytes() {
        return sentBytes;
    }

    /** So many bytes have gone another way. */
    void sent(long bytes) {
        sentBytes = bytes;
    }

    private Bytes headFor(long length, boolean inLoop) {
        silent = !hasBody();
        left = length;
        chunked = length == UNKNOWN && !silent && request.minorVersion() > 0;
        return render(length, inLoop);
    }

    private WriteResult push(ByteBuffer bytes, boolean inLoop) {
        Connection connection = request.connection();
        WriteResult result;
        try {
            result = connection.write(bytes);
        } catch (WriteRefusedException e) {
            connection.abort(); // the peer must not take for whole what is not
            throw e;
        }
        if (result == WriteResult.PAUSE && inLoop) {
            request.owner().congested();
        }
        return result;
    }

    /** Passes the answer through the filter, before its head is rendered. */
    private void filter() {
        ResponseFilter filter = request.owner().http().options.responseFilter();
        if (filter == null) {
            return;
        }
        filtering = true;
        try {
            filter.apply(request, response);
        } catch (Throwable t) {
            report(t);
        } finally {
            filtering = false;
        }
    }

    /** Sets status and type of an error, and returns its body. */
    byte[] error(int status, @Nullable Throwable failure) {
        this.status = status;
        if (!Statuses.hasBody(status)) {
            return new byte[0];
        }
        set("Content-Type", "text/plain");
        ErrorRenderer renderer = request.owner().http().options.errorRenderer();
        if (renderer != null && status >= 400) {
            filtering = true;
            try {
                return Objects.requireNonNull(renderer.render(request, response, status, failure), "body of an error");
            } catch (Throwable t) {
                report(t);
                set("Content-Type", "text/plain");
            } finally {
                filtering = false;
            }
        }
        return (status + " " + Statuses.phrase(status) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    void report(Throwable failure) {
        try {
            request.owner().http().report(failure, request);
        } catch (RejectedExecutionException e) {
            failure.addSuppressed(e); // the loop is closed and cannot report it
        }
    }

    /**
     * Sends an answer with these bytes.
     *
     * @return null, or what is left for {@link LargeBody#writeTo}
     */
    @Nullable
    LargeBody sendWhole(ByteBuffer bytes, boolean inLoop) {
        filter();
        int length = bytes.remaining();
        if (compresses(length)) {
            return sendCompressed(bytes, inLoop);
        }
        Bytes out = headFor(length, inLoop);
        if (length > LargeBody.MIN_BYTES && !silent) {
            LargeBody large = copyOf(bytes);
            push(out.buffer(), inLoop);
            return large;
        }
        if (silent || length == 0) {
            push(out.buffer(), inLoop);
            return null;
        }
        sentBytes = length;
        if (length <= LARGE_BYTES) {
            push(out.put(bytes).buffer(), inLoop);
        } else {
            push(out.buffer(), inLoop);
            push(bytes, inLoop);
        }
        return null;
    }

    private boolean compresses(long length) {
        Compression compression = request.owner().http().options.compression();
        if (compression == null) {
            return false;
        }
        try {
            return compression.apply(request, this, length);
        } catch (Throwable t) {
            report(t);
            return false;
        }
    }

    private LargeBody copyOf(ByteBuffer bytes) {
        RequestMemory.of(request).charge(bytes.remaining());
        boolean ended = !request.connection().isOpen(); // perhaps as that was too much: then none of it is kept
        return new LargeBody(ended ? ByteBuffer.allocate(0) : bytes);
    }

    private Gzip newGzip() {
        return new Gzip(Objects.requireNonNull(request.owner().http().options.compression()).level);
    }

    private @Nullable LargeBody sendCompressed(ByteBuffer bytes, boolean inLoop) {
        if (bytes.remaining() > MAX_COMPRESSED_AT_ONCE) {
            LargeBody large = copyOf(bytes);
            beginCompressed(UNKNOWN, inLoop);
            return silent ? null : large;
        }
        Bytes compressed = new Bytes(512 + bytes.remaining() / 4);
        Gzip once = newGzip();
        try { // for HEAD, too, which gets the same length
            boolean all = once.encode(bytes, compressed::put) && once.finish(compressed::put);
            assert all : "closed by another thread";
        } finally {
            once.close();
        }
        push(headFor(compressed.length(), inLoop).buffer(), inLoop);
        if (!silent) {
            sentBytes = compressed.length();
            push(compressed.buffer(), inLoop);
        }
        return null;
    }

    private void beginCompressed(long announced, boolean inLoop) {
        Bytes out = headFor(UNKNOWN, inLoop);
        left = announced;
        if (!silent) {
            gzip = newGzip();
            RequestMemory.of(request).charge(Gzip.STATE_BYTES);
        }
        push(out.buffer(), inLoop);
    }

    /** Whether writes compress, which takes time. */
    boolean isCompressing() {
        return gzip != null;
    }

    /** Releases what the answer holds, at its end. Any thread. */
    void release() {
        Gzip known = gzip;
        if (known != null) {
            known.close();
        }
    }

    /** Sends an answer that is encoded already. */
    void sendWhole(PreparedResponse prepared, boolean inLoop) {
        status = prepared.status;
        filter();
        Bytes out = render(prepared, inLoop);
        if (!request.isHead()) {
            sentBytes = prepared.body.length;
            out.put(prepared.body);
        }
        push(out.buffer(), inLoop);
    }

    /** Sends a head with which the connection leaves HTTP. */
    void switchTo(String protocol, boolean inLoop) {
        status = 101;
        filter();
        push(renderSwitch(protocol, inLoop).buffer(), inLoop);
    }

    /** Sends the head of an answer whose body follows. */
    void begin(long length, boolean inLoop) {
        filter();
        if (compresses(length)) {
            beginCompressed(length, inLoop);
        } else {
            push(headFor(length, inLoop).buffer(), inLoop);
        }
    }

    /** Sends the head of an answer whose body is sent another way. */
    void beginFile(long length, boolean inLoop) {
        filter();
        push(headFor(length, inLoop).buffer(), inLoop);
    }

    /** Sends a part of the body; see {@link HttpResponse#write}. */
    WriteResult write(ByteBuffer bytes, boolean inLoop) {
        int count = bytes.remaining();
        if (silent) {
            return WriteResult.CLOSED; // nothing is sent, so there is no end that CONTINUE could lead to
        }
        if (left != UNKNOWN) {
            if (count > left) {
                throw new IllegalStateException("bytes: " + count + ", of which only " + left + " were announced");
            }
            left -= count;
        }
        if (count == 0) {
            return request.connection().isOpen() ? WriteResult.CONTINUE : WriteResult.CLOSED;
        }
        Gzip encoder = gzip;
        if (encoder == null) {
            return writePart(bytes, inLoop);
        }
        boolean open = encoder.encode(bytes, encoded -> written = writePart(encoded, inLoop));
        return open ? written : WriteResult.CLOSED;
    }

    private WriteResult writePart(ByteBuffer bytes, boolean inLoop) {
        int count = bytes.remaining();
        sentBytes += count;
        if (!chunked) {
            return push(bytes, inLoop);
        }
        Bytes out = scratch(inLoop).putHex(count).put(END_OF_LINE);
        if (count <= LARGE_BYTES) {
            return push(out.put(bytes).put(END_OF_LINE).buffer(), inLoop);
        }
        push(out.buffer(), inLoop);
        push(bytes, inLoop);
        return push(scratch(inLoop).put(END_OF_LINE).buffer(), inLoop);
    }

    /** Returns how many bytes that were announced have not been written; 0 if none is expected any more. */
    long lacking() {
        return silent || !request.connection().isOpen() ? 0 : Math.max(0, left);
    }

    /** Sends what ends the body. */
    void end(List<HttpField> trailers, boolean inLoop) {
        Gzip encoder = gzip;
        if (encoder != null) {
            try {
                boolean unused = encoder.finish(encoded -> written = writePart(encoded, inLoop));
            } finally {
                encoder.close();
            }
        }
        if (!chunked) {
            return;
        }
        Bytes out = scratch(inLoop).put(LAST_CHUNK);
        for (HttpField each : trailers) {
            HttpFields.put(out, each.name(), each.value());
        }
        push(out.put(END_OF_LINE).buffer(), inLoop);
    }
}
