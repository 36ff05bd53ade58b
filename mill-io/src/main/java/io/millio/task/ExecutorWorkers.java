package io.millio.task;

import io.millio.internal.TaskSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of an executor that belongs to the program: one run is requested for each task that is offered, and takes
 * whatever task is the first then. Any thread.
 */
final class ExecutorWorkers implements Workers {
    private final TaskSource source;
    private final Executor executor;
    private final TaskErrorHandler errorHandler;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final Runnable runNext = this::runNext;

    // Guarded by this: runs that were requested and have not ended.
    private int requested;

    ExecutorWorkers(TaskSource source, Executor executor, TaskErrorHandler errorHandler) {
        this.source = source;
        this.executor = executor;
        this.errorHandler = errorHandler;
    }

    @Override
    public void prepare() {}

    @Override
    public void signal() {
        synchronized (this) {
            requested++;
        }
        try {
            executor.execute(runNext);
        } catch (Throwable t) {
            ended();
            throw t;
        }
    }

    private void runNext() {
        try {
            countRunning();
            // All that are there: the run of another one may have been rejected after this took its task.
            for (Runnable task; (task = source.poll()) != null; ) {
                UncaughtErrors.run(task, errorHandler);
            }
        } finally {
            running.remove(Thread.currentThread());
            ended();
        }
    }

    private void countRunning() {
        try {
            running.add(Thread.currentThread());
        } catch (OutOfMemoryError e) {
            // Not counted as active, and a close in a task of this run waits for itself; the tasks must run.
        }
    }

    private synchronized void ended() {
        requested--;
        notifyAll();
    }

    @Override
    public void shutdown() {
        source.close();
    }

    @Override
    public synchronized boolean awaitTermination(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        while (requested > 0 || !source.isDrained()) {
            long left = timeoutNanos - (System.nanoTime() - begin);
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    @Override
    public boolean isOnWorker() {
        return running.contains(Thread.currentThread());
    }

    @Override
    public int active() {
        return running.size();
    }
}
