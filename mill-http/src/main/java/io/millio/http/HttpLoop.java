package io.millio.http;

import io.millio.EventLoop;
import io.millio.http.wire.Bytes;
import io.millio.http.wire.HeadLimits;
import io.millio.http.wire.HttpDates;
import io.millio.internal.FailedCallback;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one server on one loop share: room to put an answer together, the date, and requests that are
 * not in use, so that an idle connection has none. The turn's, but for what is final.
 */
final class HttpLoop {
    private static final int ROOM = 16 * 1024;
    private static final int MAX_SPARE = 64;

    static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    final EventLoop loop;
    final HttpOptions options;
    final HeadLimits headLimits;
    final HttpHandler handler;

    /** For the bytes of one write. */
    final Bytes scratch = new Bytes(ROOM);

    private final ArrayDeque<HttpRequest> spare = new ArrayDeque<>(MAX_SPARE); // never grows
    private byte[] date = {};
    private long dateUntilNanos;

    HttpLoop(EventLoop loop, HttpOptions options, HttpHandler handler) {
        this.loop = loop;
        this.options = options;
        this.headLimits = options.headLimits();
        this.handler = handler;
        this.dateUntilNanos = loop.nanoTime();
    }

    HttpRequest take(HttpConnection connection) {
        HttpRequest request = spare.pollLast();
        if (request == null) {
            request = new HttpRequest(headLimits);
        }
        request.begin(connection);
        return request;
    }

    void giveBack(HttpRequest request) {
        if (spare.size() < MAX_SPARE) {
            spare.addLast(request);
        }
    }

    /** The Date field, rendered once a second. */
    byte[] date() {
        long now = loop.nanoTime();
        if (now - dateUntilNanos >= 0) {
            long millis = options.clock().millis();
            date = dateOf(millis);
            dateUntilNanos = now + (1000 - Math.floorMod(millis, 1000L)) * 1_000_000;
        }
        return date;
    }

    static byte[] dateOf(long millis) {
        return ("Date: " + HttpDates.text(Math.floorDiv(millis, 1000L)) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Reports what a callback of the program threw, by way of the loop, which counts it. */
    void report(Throwable thrown, @Nullable String what) {
        loop.execute(new FailedCallback(String.valueOf(what), thrown));
    }

    /** Runs a task in the loop: at once, if this is the loop's thread. Any thread. */
    void inLoop(Runnable task) {
        if (loop.inLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // the loop is closed, which ends its connections and completes everything
        }
    }

    /** Calls the access log, if there is one, for a request that is over. */
    void log(HttpRequest request) {
        AccessLog log = options.accessLog();
        if (log == null) {
            return;
        }
        HttpResponse response = request.response;
        try {
            log.log(
                    request,
                    response.isStarted() ? response.status() : 0,
                    response.bodyBytes(),
                    request.beganNanos == 0 ? 0 : System.nanoTime() - request.beganNanos);
        } catch (Throwable t) {
            report(t, "access log");
        }
    }
}
