package io.millio.task;

/**
 * Handles what a task threw. Called on the worker's thread, several at a time; what it throws itself goes to the
 * thread's handler for uncaught exceptions, and no further.
 */
@FunctionalInterface
public interface TaskErrorHandler {
    /** One task, as it was submitted, and what it threw. */
    void onError(Runnable task, Throwable thrown);
}
