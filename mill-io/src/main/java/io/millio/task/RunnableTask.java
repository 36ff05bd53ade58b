package io.millio.task;

import java.util.concurrent.CancellationException;

/** A task without a result. What it throws is the error handler's. */
final class RunnableTask extends ComputeTask {
    private final Runnable task;
    private final ExecutionMeter meter;
    private final TaskErrorHandler errorHandler;

    RunnableTask(Priority priority, Runnable task, ExecutionMeter meter, TaskErrorHandler errorHandler) {
        super(priority);
        this.task = task;
        this.meter = meter;
        this.errorHandler = errorHandler;
    }

    @Override
    public void run() {
        long begin = meter.now();
        try {
            task.run();
        } catch (Throwable t) {
            meter.ended(begin, true);
            errorHandler.onError(task, t);
            return;
        }
        meter.ended(begin, false);
    }

    @Override
    void abandon() {
        CancellationException why = new CancellationException("the compute pool was closed before this task started");
        try {
            errorHandler.onError(task, why);
        } catch (Throwable t) {
            ToUncaught.tell(t);
        }
    }
}
