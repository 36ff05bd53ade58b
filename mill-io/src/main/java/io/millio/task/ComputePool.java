package io.millio.task;

import io.millio.internal.Arguments;
import io.millio.internal.TaskQueue;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads that run computations, the more urgent first. One thread runs only those of
 * {@link Priority#HIGH} and {@link Priority#CRITICAL}, so that these never wait for a lower one to end.
 *
 * <p>Within one {@link Priority} first come is first served. A lower priority is not starved: when so many tasks in a
 * row went before it as {@link ComputePoolBuilder#aging} allows, the oldest of those that were passed over has its
 * turn.
 *
 * <p>Each task ends exactly once: it completes, fails with what it throws, or is cancelled before it starts.
 * {@link CompletableFuture#cancel} of a task that waits takes it out, frees its place at once and returns true; a task
 * that has started is not interrupted, goes on, and {@code cancel} returns false. Completing the future from outside
 * takes a task that waits out as well, and counts as cancelled; the result of one that has started is dropped then.
 *
 * <p>Threads are made when tasks come and all others are busy; a pool that is not used has none. Any thread may call
 * any method. To submit, start or cancel costs O(1), under a lock held for a few instructions.
 */
public final class ComputePool implements AutoCloseable {
    final PriorityQueues queues;
    final ExecutionMeter meter;
    final TaskErrorHandler errorHandler;
    private final Workers workers;

    ComputePool(PriorityQueues queues, Workers workers, ExecutionMeter meter, TaskErrorHandler errorHandler) {
        this.queues = queues;
        this.workers = workers;
        this.meter = meter;
        this.errorHandler = errorHandler;
    }

    /** Creates a pool with this many {@link ComputePoolBuilder#workers workers}, and defaults for the rest. */
    public static ComputePool create(int workers) {
        return builder().workers(workers).build();
    }

    /** Returns a builder with the default settings. */
    public static ComputePoolBuilder builder() {
        return new ComputePoolBuilder();
    }

    /**
     * Computes on a worker. The future is completed there, and what depends on it runs there.
     *
     * @throws RejectedExecutionException if the pool is shut down, or full, or can't get a thread
     */
    public <T extends @Nullable Object> CompletableFuture<T> compute(
            Priority priority, Callable<? extends T> callable) {
        return submit(priority, callable, null, result -> {});
    }

    /**
     * Computes on a worker, and completes the future on another executor, such as a loop, so that what depends on it
     * runs there. If that one refuses, the future is completed on the worker all the same.
     * {@link CompletableFuture#cancel} completes it on its caller's thread.
     *
     * @throws RejectedExecutionException if the pool is shut down, or full, or can't get a thread
     */
    public <T extends @Nullable Object> CompletableFuture<T> compute(
            Priority priority, Callable<? extends T> callable, Executor callbackExecutor) {
        return compute(priority, callable, callbackExecutor, result -> {});
    }

    /**
     * Computes as {@link #compute(Priority, Callable, Executor)} does. What is attached to a future that is complete
     * already runs at once, on the thread that attaches it; so callbacks that must run on the executor are attached
     * before the task is submitted.
     *
     * @param beforeSubmission attaches them; what it throws is thrown from here, and nothing is submitted
     * @throws RejectedExecutionException if the pool is shut down, or full, or can't get a thread; the future is never
     *     completed then
     */
    public <T extends @Nullable Object> CompletableFuture<T> compute(
            Priority priority,
            Callable<? extends T> callable,
            Executor callbackExecutor,
            Consumer<? super CompletableFuture<T>> beforeSubmission) {
        Objects.requireNonNull(callbackExecutor, "callbackExecutor");
        Objects.requireNonNull(beforeSubmission, "beforeSubmission");
        return submit(priority, callable, callbackExecutor, beforeSubmission);
    }

    private <T extends @Nullable Object> CompletableFuture<T> submit(
            Priority priority,
            Callable<? extends T> callable,
            @Nullable Executor callbackExecutor,
            Consumer<? super CompletableFuture<T>> beforeSubmission) {
        Objects.requireNonNull(priority, "priority");
        Objects.requireNonNull(callable, "callable");
        ComputeTask<T> task = new ComputeTask<>(priority, callable, null, this, callbackExecutor);
        beforeSubmission.accept(task.result);
        submit(task);
        return task.result;
    }

    /**
     * Runs the task on a worker. What it throws is reported to the error handler.
     *
     * @throws RejectedExecutionException if the pool is shut down, or full, or can't get a thread
     */
    public void execute(Priority priority, Runnable task) {
        Objects.requireNonNull(priority, "priority");
        Objects.requireNonNull(task, "task");
        submit(new ComputeTask<@Nullable Void>(priority, null, task, this, null));
    }

    /** Returns this pool as an executor whose tasks have this priority. */
    public Executor executor(Priority priority) {
        Objects.requireNonNull(priority, "priority");
        return task -> execute(priority, task);
    }

    private void submit(ComputeTask<?> task) {
        try {
            workers.prepare();
        } catch (RejectedExecutionException e) {
            queues.countRejected();
            throw e;
        }
        TaskQueue.Offer result = queues.offer(task);
        if (result != TaskQueue.Offer.TAKEN) {
            throw new RejectedExecutionException(
                    result == TaskQueue.Offer.FULL ? "the compute pool is full" : "the compute pool is shut down");
        }
        try {
            if (!queues.isEmpty()) { // else taken already, or for a thread that is busy with a lower priority
                workers.signal();
            }
        } catch (RuntimeException | Error e) {
            if (queues.withdraw(task)) {
                throw e;
            }
        }
    }

    /** Rejects new tasks; queued ones are run, then the threads end. Returns at once. A second call does nothing. */
    public void shutdown() {
        workers.shutdown();
    }

    /**
     * Waits until the pool is shut down, all tasks have ended and all threads too.
     *
     * @param timeout how long at most, not negative
     * @return whether the pool has terminated; false at once for a caller on a worker, which would wait for itself
     */
    public boolean awaitTermination(Duration timeout) throws InterruptedException {
        long timeoutNanos = Arguments.nanos(timeout, "timeout");
        return !workers.isOnWorker() && workers.awaitTermination(timeoutNanos);
    }

    /**
     * Shuts down, and waits until all tasks have ended and all threads too; an interrupt does not end the wait, and is
     * still set afterwards. On a worker's own thread it does not wait. Twice does no harm.
     */
    @Override
    public void close() {
        shutdown();
        if (!workers.isOnWorker()) {
            Uninterruptibly.await(workers::awaitTermination, Long.MAX_VALUE);
        }
    }

    /**
     * Shuts down, and waits as {@link #close()} does, but not longer than this. What has not started then is cancelled;
     * a task without a future is reported to the error handler, with a {@link CancellationException}. What has started
     * goes on, and is not waited for.
     *
     * @param timeout how long at most, not negative
     * @return whether all tasks and all threads have ended
     */
    public boolean close(Duration timeout) {
        long timeoutNanos = Arguments.nanos(timeout, "timeout");
        shutdown();
        boolean ended = !workers.isOnWorker() && Uninterruptibly.await(workers::awaitTermination, timeoutNanos);
        for (ComputeTask<?> task : queues.withdrawAll()) {
            task.abandon();
        }
        return ended;
    }

    /** Returns what the pool has done until now. O(workers). */
    public ComputePoolStats stats() {
        return queues.stats(meter, workers.active());
    }
}
