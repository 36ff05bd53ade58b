package io.millio.task;

import io.millio.internal.Arguments;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link ComputePool}: each has a default, and is checked when it is given. One thread at a time; may be
 * used for several pools.
 */
public final class ComputePoolBuilder {
    private int workers = Runtime.getRuntime().availableProcessors();
    private int capacity = 1024;
    private int aging = 16;
    private String name = "millio-compute";
    private @Nullable ThreadFactory threadFactory;
    private @Nullable Executor executor;
    private @Nullable LongSupplier nanoClock;
    private TaskErrorHandler errorHandler = UncaughtErrors.INSTANCE;

    ComputePoolBuilder() {}

    /**
     * Sets how many tasks of priority {@link Priority#NORMAL} and {@link Priority#LOW} run at a time, at least 1. There
     * is at most one more thread, for higher priorities. Default: the number of processors.
     */
    public ComputePoolBuilder workers(int workers) {
        this.workers = Arguments.between(1, workers, WorkerThreads.MAX_WORKERS - 1, "workers");
        return this;
    }

    /**
     * Sets the maximum number of queued tasks, at least 1; one more is rejected. Those of {@link Priority#HIGH} and
     * {@link Priority#CRITICAL} are counted apart from the rest, which can't take their places. Default 1,024.
     */
    public ComputePoolBuilder capacity(int capacity) {
        this.capacity = Arguments.atLeast(1, capacity, "capacity");
        return this;
    }

    /**
     * Sets how many tasks in a row may run before a waiting one of a lower priority, at least 1; then the oldest of
     * those runs. Default 16.
     */
    public ComputePoolBuilder aging(int tasks) {
        this.aging = Arguments.atLeast(1, tasks, "tasks");
        return this;
    }

    /** Sets the prefix of the thread names, before a hyphen and a number from 1. Default {@code millio-compute}. */
    public ComputePoolBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Sets the factory of the threads, called when they are needed; the name is not used then. Default: not daemons.
     */
    public ComputePoolBuilder threadFactory(ThreadFactory threadFactory) {
        this.threadFactory = Objects.requireNonNull(threadFactory, "threadFactory");
        return this;
    }

    /**
     * Runs the tasks on threads of this executor, owned by the caller, in place of the pool's own; the executor then
     * decides how many run at a time, and no thread is reserved for higher priorities. It is called once for each task,
     * and then runs the most urgent one.
     */
    public ComputePoolBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /** Sets the clock that times executions: nanoseconds since an arbitrary moment, monotonic; any thread. */
    public ComputePoolBuilder nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Sets the handler of exceptions of tasks without a future. Default: the handler for uncaught exceptions of the
     * worker's thread.
     */
    public ComputePoolBuilder errorHandler(TaskErrorHandler errorHandler) {
        this.errorHandler = Objects.requireNonNull(errorHandler, "errorHandler");
        return this;
    }

    /** Creates a pool, without any thread yet. */
    public ComputePool build() {
        ThreadFactory factory = threadFactory == null ? new NamedThreads(name) : threadFactory;
        PriorityQueues queues = new PriorityQueues(capacity, executor == null ? workers : Integer.MAX_VALUE, aging);
        Workers threads = executor == null
                ? new WorkerThreads(queues, workers + 1, factory, errorHandler)
                : new ExecutorWorkers(queues, executor, errorHandler);
        return new ComputePool(queues, threads, new ExecutionMeter(nanoClock), errorHandler);
    }
}
