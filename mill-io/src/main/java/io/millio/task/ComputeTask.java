package io.millio.task;

import io.millio.internal.LoopFuture;
import io.millio.internal.RunSubject;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A task of a {@link ComputePool}: a link of {@link PriorityQueues}, and where there is a result, the future that gets
 * it. Run by one thread, once.
 */
final class ComputeTask<T extends @Nullable Object> implements Runnable {
    private static final int MAX_ATTEMPTS = 100;

    enum State {
        NEW,
        QUEUED,
        STARTED,
        WITHDRAWN
    }

    final Priority priority;

    // All guarded by the queues.
    State state = State.NEW;
    long ticket;

    @Nullable
    ComputeTask<?> previous;

    @Nullable
    ComputeTask<?> next;

    private final @Nullable Callable<? extends T> callable; // or else the runnable
    private final @Nullable Runnable runnable;
    private final ComputePool pool;
    private final @Nullable Executor callbackExecutor;
    final Result result;

    // Made beforehand: the future is completed though there is no memory.
    private final Runnable completion;

    // Written by the thread that runs or abandons the task, before the completion is given to an executor.
    private @Nullable T value;
    private @Nullable Throwable thrown;

    ComputeTask(
            Priority priority,
            @Nullable Callable<? extends T> callable,
            @Nullable Runnable runnable,
            ComputePool pool,
            @Nullable Executor callbackExecutor) {
        this.priority = priority;
        this.callable = callable;
        this.runnable = runnable;
        this.pool = pool;
        this.callbackExecutor = callbackExecutor;
        this.result = new Result();
        // What a callback holds up is the subject's, if there is one.
        this.completion = callable instanceof RunSubject of ? RunSubject.task(of, this::complete) : this::complete;
    }

    @Override
    public void run() {
        try {
            runOnce();
        } finally {
            pool.queues.ended(this);
        }
    }

    private void runOnce() {
        long begin = 0;
        try {
            begin = pool.meter.now();
            if (callable != null) {
                value = callable.call();
            } else if (runnable != null) {
                runnable.run();
            }
        } catch (Throwable t) {
            thrown = t;
        }
        try {
            pool.meter.ended(begin, thrown != null);
        } finally {
            end();
        }
    }

    /** Ends a task that was withdrawn by the pool. */
    void abandon() {
        thrown = new CancellationException("the compute pool was closed before this task started");
        end();
    }

    private void end() {
        if (runnable != null) {
            if (thrown != null) {
                UncaughtErrors.report(runnable, thrown, pool.errorHandler);
            }
            return;
        }
        if (callbackExecutor == null || !submitCompletion(callbackExecutor)) {
            complete();
        }
    }

    /** Returns whether the executor completes the future; else it must be completed all the same: here. */
    private boolean submitCompletion(Executor executor) {
        for (int attempt = 1; ; attempt++) {
            try {
                executor.execute(completion);
                return true;
            } catch (RejectedExecutionException e) {
                return false; // it accepts nothing any more
            } catch (Throwable t) { // the callbacks rely on its thread, so it does not end at once for want of memory
                if (!(t instanceof VirtualMachineError) || attempt == MAX_ATTEMPTS) {
                    UncaughtErrors.report(completion, t, pool.errorHandler);
                    return false;
                }
            }
        }
    }

    /** Completes the future, which takes a little memory if the task has failed. */
    private void complete() {
        for (int attempt = 1; !result.isDone(); attempt++) {
            try {
                completeOnce();
            } catch (OutOfMemoryError | StackOverflowError e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @SuppressWarnings("NullAway") // a value that is null is one that the callable has returned
    private void completeOnce() {
        if (thrown == null) {
            result.succeed(value);
        } else {
            result.fail(thrown);
        }
    }

    /**
     * Can be cancelled only as long as the task has not started. Cancelled, or completed by others, it withdraws the
     * task.
     */
    final class Result extends LoopFuture<T> {
        Result() {
            super(callbackExecutor == null ? pool : callbackExecutor); // which may be a loop
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return pool.queues.withdraw(ComputeTask.this) ? super.cancel(mayInterruptIfRunning) : isCancelled();
        }

        @Override
        public boolean complete(T value) {
            boolean first = super.complete(value);
            pool.queues.withdraw(ComputeTask.this);
            return first;
        }

        @Override
        public boolean completeExceptionally(Throwable thrown) {
            boolean first = super.completeExceptionally(thrown);
            pool.queues.withdraw(ComputeTask.this);
            return first;
        }

        private void succeed(T value) {
            super.complete(value);
        }

        private void fail(Throwable thrown) {
            super.completeExceptionally(thrown);
        }
    }
}
