package io.millio.task;

import org.jspecify.annotations.Nullable;

/** A task of a {@link ComputePool}, and its place in a {@link PriorityQueues}, of which it is a link itself. */
abstract class ComputeTask implements Runnable {
    enum State {
        NEW,
        QUEUED,
        STARTED,
        WITHDRAWN
    }

    final Priority priority;

    // All guarded by the lock of the queues.
    State state = State.NEW;
    long ticket;

    @Nullable
    ComputeTask previous;

    @Nullable
    ComputeTask next;

    ComputeTask(Priority priority) {
        this.priority = priority;
    }

    /** It was withdrawn by the pool: whoever waits for it is told. */
    abstract void abandon();
}
