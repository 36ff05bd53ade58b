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
     * How many tasks of priority {@link Priority#NORMAL} and {@link Priority#LOW} run at a time, at least 1. There is
     * one thread more at most, for higher ones. Default: as many as processors.
     */
    public ComputePoolBuilder workers(int workers) {
        this.workers = Arguments.between(1, workers, WorkerThreads.MAX_WORKERS - 1, "workers");
        return this;
    }

    /**
     * How many tasks wait at most, at least 1; one more is rejected. Those of {@link Priority#HIGH} and
     * {@link Priority#CRITICAL} are counted apart from the rest, which can't take their places. Default 1,024.
     */
    public ComputePoolBuilder capacity(int capacity) {
        this.capacity = Arguments.atLeast(1, capacity, "capacity");
        return this;
    }

    /**
     * How many tasks in a row may go before a waiting one of a lower priority, at least 1; then the oldest of those has
     * its turn. Default 16.
     */
    public ComputePoolBuilder aging(int tasks) {
        this.aging = Arguments.atLeast(1, tasks, "tasks");
        return this;
    }

    /** What the threads are called: this, a hyphen, and a number from 1. Default {@code millio-compute}. */
    public ComputePoolBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /** Makes the threads, when they are needed; the name is not used then. Default: not daemons. */
    public ComputePoolBuilder threadFactory(ThreadFactory threadFactory) {
        this.threadFactory = Objects.requireNonNull(threadFactory, "threadFactory");
        return this;
    }

    /**
     * Runs the tasks on threads of this executor, which stays the caller's, in place of the pool's own; how many run at
     * a time is the executor's matter then, and no thread is kept for higher priorities. It is asked once for each
     * task, and the most urgent task is taken.
     */
    public ComputePoolBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /** The clock that times executions: nanoseconds since an arbitrary moment, never going back; any thread. */
    public ComputePoolBuilder nanoClock(LongSupplier nanoClock) {
        this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Handles what tasks throw that have no future. Default: the handler for uncaught exceptions of the worker's
     * thread.
     */
    public ComputePoolBuilder errorHandler(TaskErrorHandler errorHandler) {
        this.errorHandler = Objects.requireNonNull(errorHandler, "errorHandler");
        return this;
    }

    /** Makes a pool, without any thread yet. */
    public ComputePool build() {
        ThreadFactory factory = threadFactory == null ? new NamedThreads(name) : threadFactory;
        PriorityQueues queues = new PriorityQueues(capacity, executor == null ? workers : Integer.MAX_VALUE, aging);
        Workers threads = executor == null
                ? new WorkerThreads(queues, workers + 1, factory, errorHandler)
                : new ExecutorWorkers(queues, executor, errorHandler);
        return new ComputePool(queues, threads, new ExecutionMeter(nanoClock), errorHandler);
    }
}
