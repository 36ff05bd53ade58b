package io.millio.http;

import io.millio.EventLoop;
import io.millio.http.wire.Bytes;
import io.millio.http.wire.HeadLimits;
import io.millio.http.wire.HttpDates;
import io.millio.http.wire.RequestParser;
import io.millio.internal.Persistently;
import io.millio.net.WriteResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * What the connections of one server on one loop share: room to put an answer together, the date, and parsers that are
 * not in use, so that an idle connection has none. The turn's, but for what is final.
 */
final class HttpLoop {
    private static final int ROOM = 16 * 1024;
    private static final int MAX_SPARE = 64;

    static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    final EventLoop loop;
    final HttpOptions options;
    final HeadLimits headLimits;
    private final HttpHandler handler;

    /** For the bytes of one write. */
    final Bytes scratch = new Bytes(ROOM);

    private final ArrayDeque<RequestParser> spare = new ArrayDeque<>(MAX_SPARE); // never grows
    private byte[] date = {};
    private long dateUntilNanos;

    HttpLoop(EventLoop loop, HttpOptions options, HttpHandler handler) {
        this.loop = loop;
        this.options = options;
        this.headLimits = options.headLimits();
        this.handler = handler;
        this.dateUntilNanos = loop.nanoTime();
    }

    RequestParser takeParser() {
        RequestParser parser = spare.pollLast();
        return parser == null ? new RequestParser(headLimits) : parser;
    }

    void giveBack(RequestParser parser) {
        parser.reset();
        if (spare.size() < MAX_SPARE) {
            spare.addLast(parser);
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
    void report(Throwable thrown, Object subject) {
        Persistently.report(loop, subject, thrown);
    }

    /**
     * Runs a task in the loop: at once, if this is the loop's thread. Returns false if the loop is closed, which ends
     * its connections and completes what it knows of. Any thread.
     */
    boolean inLoop(Runnable task) {
        if (loop.inLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Calls the handler. */
    void handle(HttpRequest request) {
        HttpResponse response = request.response;
        try {
            handler.handle(request, response);
            response.answer.handlerReturned();
        } catch (Throwable t) {
            response.answer.fail(t);
        }
    }

    /** When a request begins, for the access log; 0 if there is none. */
    long beganNanos() {
        return options.accessLog() == null ? 0 : System.nanoTime();
    }

    /**
     * Calls the access log, if there is one, when what was written of an answer has been sent: an empty write comes
     * after it. Without a log that makes no object.
     */
    void logWhenSent(HttpRequest request, Answer answer) {
        if (options.accessLog() == null) {
            return;
        }
        try {
            WriteResult unused = request.connection()
                    .write(NO_BYTES.duplicate(), (to, bytes, failure) -> log(request, answer, failure == null));
        } catch (Throwable t) {
            log(request, answer, false); // for want of memory it is not known
            report(t, request);
        }
    }

    /** Calls the access log, if there is one, unless it has been called for this request. */
    void log(HttpRequest request, Answer answer, boolean complete) {
        AccessLog log = options.accessLog();
        if (log == null || request.logged) {
            return;
        }
        request.logged = true;
        try {
            log.log(
                    request,
                    answer.isOpen() ? 0 : answer.status(),
                    answer.bodyBytes(),
                    complete,
                    request.beganNanos == 0 ? 0 : System.nanoTime() - request.beganNanos);
        } catch (Throwable t) {
            report(t, log);
        }
    }

    /** Calls the refusal listener, if there is one. */
    void refused(HttpRequest request, int status, String reason) {
        RefusalListener listener = options.refusalListener();
        if (listener == null) {
            return;
        }
        try {
            listener.onRefused(request, status, reason);
        } catch (Throwable t) {
            report(t, listener);
        }
    }
}
