package io.millio.task;

/** The threads that run the tasks of a pool. Any thread. */
interface Workers {
    /**
     * Ensures that there is a thread, unless this is shut down. To be called before a task is offered to the source.
     *
     * @throws java.util.concurrent.RejectedExecutionException if no thread can be made
     */
    void prepare();

    /**
     * Wakes a thread if one is needed. To be called after a task was offered to the source.
     *
     * @throws java.util.concurrent.RejectedExecutionException if an executor refuses
     */
    void signal();

    /** Closes the source. What is queued is run. Calling it twice has no effect. */
    void shutdown();

    /** Waits until all tasks have ended; returns whether they have. */
    boolean awaitTermination(long timeoutNanos) throws InterruptedException;

    /** Returns whether the calling thread runs one of the tasks. */
    boolean isOnWorker();

    /** Returns how many tasks are running now. */
    int active();
}
