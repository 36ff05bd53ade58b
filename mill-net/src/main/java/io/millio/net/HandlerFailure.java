package io.millio.net;

import io.millio.internal.Exceptions;

/**
 * Hands what a callback threw to the loop, which counts it and reports it to its error handler: a task that throws it.
 * So a callback fails in one way, whether an event, a timer or a task has called it, and no other callbacks are cut
 * short.
 */
final class HandlerFailure implements Runnable {
    private final String connection;
    private final Throwable thrown;

    HandlerFailure(String connection, Throwable thrown) {
        this.connection = connection;
        this.thrown = thrown;
    }

    @Override
    public void run() {
        Exceptions.rethrow(thrown);
    }

    @Override
    public String toString() {
        return "handler of " + connection;
    }
}
