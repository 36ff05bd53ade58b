package io.millio.task;

import io.millio.internal.Arguments;
import io.millio.internal.TaskQueue;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link WorkerPool}: each has a default, and is checked when it is given. One thread at a time; may be
 * used for several pools.
 */
public final class WorkerPoolBuilder {
    private int workers = 4;
    private Queues queues = Queues.SHARED;
    private int capacity = TaskQueue.UNBOUNDED;
    private String name = "millio-worker";
    private @Nullable ThreadFactory threadFactory;
    private TaskErrorHandler errorHandler = UncaughtErrors.INSTANCE;

    WorkerPoolBuilder() {}

    /** Sets the maximum number of threads, at least 1. Default 4. */
    public WorkerPoolBuilder workers(int workers) {
        this.workers = Arguments.between(1, workers, WorkerThreads.MAX_WORKERS, "workers");
        return this;
    }

    /** Sets how tasks are queued. Default {@link Queues#SHARED}. */
    public WorkerPoolBuilder queues(Queues queues) {
        this.queues = Objects.requireNonNull(queues, "queues");
        return this;
    }

    /**
     * Sets the maximum number of queued tasks, in all queues together, at least 1; one more is rejected. With
     * {@link Queues#PER_WORKER} each queue has its share, and a task whose queue is full goes to the next. Default: as
     * many as the memory holds.
     */
    public WorkerPoolBuilder capacity(int capacity) {
        this.capacity = Arguments.atLeast(1, capacity, "capacity");
        return this;
    }

    /** Sets the prefix of the thread names, before a hyphen and a number from 1. Default {@code millio-worker}. */
    public WorkerPoolBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Sets the factory of the threads, called when they are needed; the name is not used then. Default: not daemons.
     */
    public WorkerPoolBuilder threadFactory(ThreadFactory threadFactory) {
        this.threadFactory = Objects.requireNonNull(threadFactory, "threadFactory");
        return this;
    }

    /** Sets the handler of exceptions of tasks. Default: the handler for uncaught exceptions of the worker's thread. */
    public WorkerPoolBuilder errorHandler(TaskErrorHandler errorHandler) {
        this.errorHandler = Objects.requireNonNull(errorHandler, "errorHandler");
        return this;
    }

    /**
     * Creates a pool, without any thread yet.
     *
     * @throws IllegalArgumentException if there is a queue for each worker and not room for a task in each
     */
    public WorkerPool build() {
        if (queues == Queues.PER_WORKER && capacity < workers) {
            throw new IllegalArgumentException(
                    "capacity: " + capacity + ", must be at least that of workers, " + workers + ", with PER_WORKER");
        }
        ThreadFactory factory = threadFactory == null ? new NamedThreads(name) : threadFactory;
        return new WorkerPool(workers, queues, capacity, factory, errorHandler);
    }
}
