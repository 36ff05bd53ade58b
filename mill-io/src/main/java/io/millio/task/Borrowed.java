package io.millio.task;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of an executor that is the program's: for each task that is offered it is asked once for somebody, who
 * takes whatever task is the first then. Any thread.
 */
final class Borrowed implements Hands {
    private final TaskSource source;
    private final Executor executor;
    private final TaskErrorHandler errorHandler;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final Object monitor = new Object();

    // Guarded by the monitor: how many were asked for and are not done.
    private int asked;

    Borrowed(TaskSource source, Executor executor, TaskErrorHandler errorHandler) {
        this.source = source;
        this.executor = executor;
        this.errorHandler = errorHandler;
    }

    @Override
    public void prepare() {}

    @Override
    public void signal() {
        synchronized (monitor) {
            asked++;
        }
        try {
            executor.execute(this::runNext);
        } catch (Throwable t) {
            done();
            throw t;
        }
    }

    private void runNext() {
        running.add(Thread.currentThread());
        try {
            Runnable task = source.poll(); // null when it was withdrawn
            if (task != null) {
                run(task);
            }
        } finally {
            running.remove(Thread.currentThread());
            done();
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            try {
                errorHandler.onError(task, t);
            } catch (Throwable ofHandler) {
                ToUncaught.tell(ofHandler);
            }
        }
    }

    private void done() {
        synchronized (monitor) {
            asked--;
            monitor.notifyAll();
        }
    }

    @Override
    public void shutdown() {
        source.close();
    }

    @Override
    public boolean awaitTermination(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        synchronized (monitor) {
            while (asked > 0 || !source.isDrained()) {
                long left = timeoutNanos - (System.nanoTime() - begin);
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(monitor, left);
            }
            return true;
        }
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
