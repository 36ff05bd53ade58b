package io.millio.internal;

/**
 * A task that throws what a callback of a program threw, so that the loop that runs the task counts and reports it like
 * any other failure, and the callbacks of other connections are not cut short.
 *
 * @param subject what the callback belongs to, a connection for instance, for the report
 */
public record FailedCallback(Object subject, Throwable thrown) implements Runnable {
    @Override
    public void run() {
        Exceptions.rethrow(thrown);
    }
}
