package io.millio.internal;

/**
 * A task that throws what a callback of a program threw, so that the loop that runs the task counts and reports it like
 * any other failure, and the callbacks of other connections are not cut short.
 *
 * @param origin what the callback belongs to, for the report
 */
public record FailedCallback(String origin, Throwable thrown) implements Runnable {
    @Override
    public void run() {
        Exceptions.rethrow(thrown);
    }

    @Override
    public String toString() {
        return "handler of " + origin;
    }
}
