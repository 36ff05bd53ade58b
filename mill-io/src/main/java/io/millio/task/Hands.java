package io.millio.task;

/** Those who run the tasks of a pool. Any thread. */
interface Hands {
    /**
     * To be called before a task is offered to the source: there is somebody to run it afterwards, unless this is shut
     * down.
     *
     * @throws java.util.concurrent.RejectedExecutionException if nobody could be had
     */
    void prepare();

    /**
     * To be called after a task was offered to the source: somebody will come for it.
     *
     * @throws java.util.concurrent.RejectedExecutionException if nobody could be had, where {@link #prepare} can't know
     */
    void signal();

    /** Closes the source. What is queued is run. Twice does no harm. */
    void shutdown();

    /** Waits until all tasks have ended; returns whether they have. */
    boolean awaitTermination(long timeoutNanos) throws InterruptedException;

    /** Whether the calling thread runs one of the tasks. */
    boolean isOnWorker();

    /** How many tasks are run now. */
    int active();
}
