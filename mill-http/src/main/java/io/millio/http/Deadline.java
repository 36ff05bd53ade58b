package io.millio.http;

import io.millio.EventLoop;
import io.millio.Timer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The timeout of one connection: for the next request, the rest of a head, a body, or the peer's end. What is waited
 * for is stored with a time; one timer, when it fires too early for that time, waits for the rest. So a request on a
 * kept connection costs two stores. Loop thread only.
 */
final class Deadline implements Runnable {
    private static final long OF_SERVER = -1;

    private final EventLoop loop;
    private final HttpOptions options;
    private final HttpConnection connection;

    private @Nullable Timer timer;
    private long firesNanos;
    private long sinceNanos;

    /** The part of the body timeout that had passed when the handler paused the body. */
    private long usedNanos;

    /** The response timeout of the current request, if it has one of its own. */
    private long responseNanos = OF_SERVER;

    private Waiting waiting = Waiting.NOTHING;

    Deadline(HttpConnection connection, HttpLoop http) {
        this.connection = connection;
        this.loop = http.loop;
        this.options = http.options;
    }

    /** Starts to wait for this; an equal wait in progress is restarted only if {@code restart}. */
    void await(Waiting forWhat, boolean restart) {
        if (forWhat == waiting && !restart) {
            return;
        }
        waiting = forWhat;
        long timeout = nanosOf(forWhat);
        if (timeout == 0) {
            return;
        }
        sinceNanos = loop.nanoTime();
        armFor(timeout);
    }

    private long nanosOf(Waiting what) {
        return what == Waiting.ANSWER && responseNanos != OF_SERVER ? responseNanos : options.nanosOf(what);
    }

    /** A request starts, with the timeouts of the server. */
    void requestStarts() {
        waiting = Waiting.NOTHING;
        responseNanos = OF_SERVER;
    }

    /** The current request has a response timeout of its own; 0: none. */
    void limitResponse(long nanos) {
        responseNanos = nanos;
        if (waiting == Waiting.ANSWER) {
            await(Waiting.ANSWER, true);
        }
    }

    /** A body starts; {@link #awaitBody} or {@link #holdBody} follows. */
    void bodyStarts() {
        waiting = Waiting.NOTHING;
        usedNanos = 0;
    }

    /** Waits for more of the body, after bytes that have earned back a part of the timeout. */
    void awaitBody(long earnedNanos) {
        long now = loop.nanoTime();
        long used = waiting == Waiting.BODY ? now - sinceNanos : usedNanos;
        waiting = Waiting.BODY;
        sinceNanos = now - Math.max(0, used - earnedNanos);
        long timeout = options.nanosOf(Waiting.BODY);
        if (timeout != 0) {
            armFor(Math.max(0, sinceNanos + timeout - now));
        }
    }

    /** Stops the body timeout while the handler has paused the body. */
    void holdBody(long earnedNanos) {
        long used = waiting == Waiting.BODY ? loop.nanoTime() - sinceNanos : usedNanos;
        usedNanos = Math.max(0, used - earnedNanos);
        waiting = Waiting.NOTHING;
    }

    private void armFor(long nanos) {
        Timer known = timer;
        if (known == null || !known.isWaiting() || firesNanos - (loop.nanoTime() + nanos) > 0) {
            arm(nanos);
        }
    }

    private void arm(long nanos) {
        firesNanos = loop.nanoTime() + nanos;
        Timer known = timer;
        try {
            if (known == null || !known.restartNanos(nanos)) {
                timer = loop.scheduleNanos(nanos, this);
            }
        } catch (RejectedExecutionException e) {
            // the loop is closing, and the connection with it
        }
    }

    void cancel() {
        waiting = Waiting.NOTHING;
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }

    /** Called by the timer. */
    @Override
    public void run() {
        long timeout = nanosOf(waiting);
        if (timeout == 0) {
            return;
        }
        long left = timeout - (loop.nanoTime() - sinceNanos);
        if (left > 0) {
            arm(left);
            return;
        }
        Waiting over = waiting;
        waiting = Waiting.NOTHING;
        connection.timedOut(over);
    }
}
