package io.millio.task;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A task with a result, and the future that gets it. */
final class CallableTask<T extends @Nullable Object> extends ComputeTask {
    private final Callable<? extends T> callable;
    private final ExecutionMeter meter;
    private final @Nullable Executor callbackExecutor;
    private final Result<T> result;

    CallableTask(
            Priority priority,
            Callable<? extends T> callable,
            ExecutionMeter meter,
            @Nullable Executor callbackExecutor,
            PriorityQueues queues) {
        super(priority);
        this.callable = callable;
        this.meter = meter;
        this.callbackExecutor = callbackExecutor;
        result = new Result<>(this, queues);
    }

    CompletableFuture<T> result() {
        return result;
    }

    @Override
    public void run() {
        long begin = meter.now();
        T value;
        try {
            value = callable.call();
        } catch (Throwable t) {
            meter.ended(begin, true);
            callBack(() -> result.fail(t));
            return;
        }
        meter.ended(begin, false);
        callBack(() -> result.succeed(value));
    }

    @Override
    void abandon() {
        callBack(() -> result.cancel(false));
    }

    private void callBack(Runnable completion) {
        if (callbackExecutor != null) {
            try {
                callbackExecutor.execute(completion);
                return;
            } catch (Throwable t) {
                // it takes nothing any more, and whoever waits must be told all the same: here
            }
        }
        completion.run();
    }

    /**
     * Can be cancelled only as long as the task has not started. Cancelled, or completed by others, it withdraws the
     * task.
     */
    private static final class Result<T extends @Nullable Object> extends CompletableFuture<T> {
        private final ComputeTask task;
        private final PriorityQueues queues;

        Result(ComputeTask task, PriorityQueues queues) {
            this.task = task;
            this.queues = queues;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return queues.withdraw(task) ? super.cancel(mayInterruptIfRunning) : isCancelled();
        }

        @Override
        public boolean complete(T value) {
            boolean first = super.complete(value);
            queues.withdraw(task);
            return first;
        }

        @Override
        public boolean completeExceptionally(Throwable thrown) {
            boolean first = super.completeExceptionally(thrown);
            queues.withdraw(task);
            return first;
        }

        void succeed(T value) {
            super.complete(value);
        }

        void fail(Throwable thrown) {
            super.completeExceptionally(thrown);
        }
    }
}
