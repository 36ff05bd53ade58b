package io.millio.task;

/** How the tasks of a {@link WorkerPool} are queued. */
public enum Queues {
    /** In one queue, from which all workers take: a task waits only as long as all of them are busy. */
    SHARED,

    /**
     * In a queue for each worker, given out in turn: workers do not compete for the next task, but a task waits behind
     * a slow one even when another worker is idle.
     */
    PER_WORKER
}
