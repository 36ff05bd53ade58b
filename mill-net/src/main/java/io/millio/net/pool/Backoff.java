package io.millio.net.pool;

import io.millio.Timer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The failures in a row of connecting to one endpoint, and the pause after each, twice as long as the one before. Loop
 * thread only.
 */
final class Backoff {
    private static final int MAX_DOUBLINGS = 40;

    private final ConnectionPool pool;
    private final Runnable over;
    private int failures;
    private long failedNanos;
    private @Nullable Timer timer;

    /**
     * Creates one without failures.
     *
     * @param over called after each pause
     */
    Backoff(ConnectionPool pool, Runnable over) {
        this.pool = pool;
        this.over = over;
    }

    int failures() {
        return failures;
    }

    boolean isRunning() {
        return timer != null && timer.isWaiting();
    }

    /**
     * Counts a failure; returns whether a pause must follow. Attempts that were in progress together count as one
     * failure.
     */
    boolean countFailure(long startedNanos) {
        if (failures > 0 && startedNanos - failedNanos < 0) {
            return false;
        }
        failedNanos = pool.now();
        failures++;
        return true;
    }

    /** Starts the pause after the last failure. */
    void start() {
        int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
        long first = pool.settings.firstBackoffNanos;
        long max = pool.settings.maxBackoffNanos;
        long delayNanos = first > max >> doublings ? max : first << doublings;
        Timer known = timer;
        try {
            if (known == null || !known.restartNanos(delayNanos)) {
                timer = pool.loop().scheduleNanos(delayNanos, over);
            }
        } catch (RejectedExecutionException e) {
            // the loop is closed, which the wait timer reports to the waiters
        }
    }

    /** A connection has been made. */
    void succeeded() {
        failures = 0;
        cancel();
    }

    void cancel() {
        Timer known = timer;
        timer = null;
        if (known != null) {
            known.cancel();
        }
    }
}
