package io.millio.http;

import io.millio.EventLoop;
import io.millio.Timer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The timeout of one connection. What it waits for is stored with a time; one timer, when it fires too early for that,
 * waits for the rest. So a request on a kept connection costs two stores. The turn's.
 */
abstract class Deadline implements Runnable {
    private @Nullable Timer timer;
    private long firesNanos;
    private long sinceNanos;

    /** Of the time for the body, what was used before the handler paused it. */
    private long usedNanos;

    private Waiting waiting = Waiting.NOTHING;

    abstract EventLoop loop();

    abstract HttpOptions options();

    /** The peer has let it wait for too long. */
    abstract void timedOut(Waiting forWhat);

    /** From now on this is waited for; waiting for the same anew begins anew only if {@code restart}. */
    final void await(Waiting forWhat, boolean restart) {
        if (forWhat == waiting && !restart) {
            return;
        }
        waiting = forWhat;
        long timeout = options().nanosOf(forWhat);
        if (timeout == 0) {
            return;
        }
        sinceNanos = loop().nanoTime();
        armFor(timeout);
    }

    /** A body begins; {@link #awaitBody} or {@link #holdBody} follows. */
    final void bodyBegins() {
        waiting = Waiting.NOTHING;
        usedNanos = 0;
    }

    /** From now on more of the body is waited for, after bytes that have given back so much of the time. */
    final void awaitBody(long earnedNanos) {
        long now = loop().nanoTime();
        long used = waiting == Waiting.BODY ? now - sinceNanos : usedNanos;
        waiting = Waiting.BODY;
        sinceNanos = now - Math.max(0, used - earnedNanos);
        long timeout = options().nanosOf(Waiting.BODY);
        if (timeout != 0) {
            armFor(Math.max(0, sinceNanos + timeout - now));
        }
    }

    /** The handler has paused the body: the time does not pass meanwhile. */
    final void holdBody(long earnedNanos) {
        long used = waiting == Waiting.BODY ? loop().nanoTime() - sinceNanos : usedNanos;
        usedNanos = Math.max(0, used - earnedNanos);
        waiting = Waiting.NOTHING;
    }

    private void armFor(long nanos) {
        Timer known = timer;
        if (known == null || !known.isWaiting() || firesNanos - (loop().nanoTime() + nanos) > 0) {
            arm(nanos);
        }
    }

    private void arm(long nanos) {
        firesNanos = loop().nanoTime() + nanos;
        Timer known = timer;
        try {
            if (known == null || !known.restartNanos(nanos)) {
                timer = loop().scheduleNanos(nanos, this);
            }
        } catch (RejectedExecutionException e) {
            // the loop is closing, and the connection with it
        }
    }

    final void cancelDeadline() {
        waiting = Waiting.NOTHING;
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }

    /** The timer has fired. */
    @Override
    public final void run() {
        long timeout = options().nanosOf(waiting);
        if (timeout == 0) {
            return;
        }
        long left = timeout - (loop().nanoTime() - sinceNanos);
        if (left > 0) {
            arm(left);
            return;
        }
        Waiting over = waiting;
        waiting = Waiting.NOTHING;
        timedOut(over);
    }
}
