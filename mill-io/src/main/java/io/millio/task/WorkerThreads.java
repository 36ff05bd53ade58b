package io.millio.task;

import io.millio.internal.TaskSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The worker threads that take tasks from one source, from the first task to the last.
 *
 * <pre>
 *   OPEN --shutdown--&gt; CLOSED: what is queued is run --drained, and the last worker left--&gt; TERMINATED
 * </pre>
 *
 * <p>A thread is made when all others are busy and no more than the number allowed. The first is made before the first
 * task is queued, so that a failure to make it is its submitter's and leaves nothing behind; where a later one can't be
 * made, the existing ones do the work.
 *
 * <p>A burst of tasks wakes one worker, which wakes the next if it finds that there is more, and so on; and none is
 * woken while one that was has not looked at the source yet. A worker that finds no task stores under the monitor that
 * it sleeps, then looks again, then parks. A submitter stores its task, then reads {@link #wakeable}. Stores and reads
 * are volatile, hence in one order for all: either the worker finds the task or the submitter finds the worker. The
 * sleeping ones are a stack, so that the one whose caches are warmest is woken first and the others sleep long.
 *
 * <p>Any thread. A submission takes the monitor only to wake a worker or to make one.
 */
final class WorkerThreads implements Workers {
    static final int MAX_WORKERS = (1 << 20) - 1;

    private final TaskSource source;
    private final ThreadFactory threadFactory;
    private final TaskErrorHandler errorHandler;
    final Worker[] workers;
    private final Object monitor = new Object();

    // Written under the monitor. Volatile: submitters read it without.
    private volatile int made;

    // Whether a signal has something to do. Written under the monitor, volatile: see above.
    private volatile boolean wakeable;

    // All guarded by the monitor.
    private final Worker[] sleeping;
    private int sleepers;
    private boolean waking; // one was woken or made that has not found a task yet
    private int alive;
    private boolean closed;
    private boolean terminated;

    WorkerThreads(TaskSource source, int size, ThreadFactory threadFactory, TaskErrorHandler errorHandler) {
        this.source = source;
        this.threadFactory = threadFactory;
        this.errorHandler = errorHandler;
        sleeping = new Worker[size];
        workers = new Worker[size];
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker();
        }
    }

    // ---- submitting

    @Override
    public void prepare() {
        if (made > 0) {
            return;
        }
        synchronized (monitor) {
            if (made > 0 || closed) {
                return;
            }
            try {
                makeNext();
            } catch (RuntimeException | Error e) {
                throw new RejectedExecutionException("no thread could be made for the first task", e);
            }
        }
    }

    @Override
    public void signal() {
        if (!wakeable) {
            return;
        }
        Worker woken = null;
        synchronized (monitor) {
            if (wakeable && sleepers > 0) {
                changeWaking(true);
                woken = popSleeping();
            } else if (wakeable && !terminated) {
                try {
                    makeNext();
                } catch (RuntimeException | Error e) {
                    // the existing ones do the work; the next task tries again
                }
            }
        }
        if (woken != null) {
            LockSupport.unpark(woken.thread); // outside the monitor, which the woken worker is about to enter
        }
    }

    private void changeWaking(boolean to) {
        waking = to;
        wakeable = !waking && (sleepers > 0 || made < workers.length);
    }

    private Worker popSleeping() {
        Worker worker = sleeping[--sleepers];
        worker.awake = true;
        return worker;
    }

    private void makeNext() {
        int index = made;
        Worker worker = workers[index];
        Thread thread = threadFactory.newThread(worker);
        if (thread == null) {
            throw new IllegalStateException("threadFactory: gave null for a thread");
        }
        worker.thread = thread;
        thread.start();
        alive++;
        made = index + 1;
        changeWaking(true);
    }

    // ---- ending

    @Override
    public void shutdown() {
        synchronized (monitor) {
            closed = true;
            source.close();
            wakeAllOrTerminate();
        }
    }

    /** Under the monitor. */
    private void wakeAllOrTerminate() {
        while (sleepers > 0) {
            LockSupport.unpark(popSleeping().thread);
        }
        if (alive == 0) {
            terminated = true;
            monitor.notifyAll();
        }
    }

    /** Waits until all tasks are run and all threads have ended. Not on a worker's thread. */
    @Override
    public boolean awaitTermination(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        synchronized (monitor) {
            while (!terminated) {
                long left = timeoutNanos - (System.nanoTime() - begin);
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(monitor, left);
            }
        }
        for (int i = 0; i < made; i++) {
            Thread thread = workers[i].thread;
            if (thread != null && thread.isAlive()) {
                TimeUnit.NANOSECONDS.timedJoin(thread, timeoutNanos - (System.nanoTime() - begin));
                if (thread.isAlive()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public boolean isOnWorker() {
        for (int i = made - 1; i >= 0; i--) {
            if (workers[i].thread == Thread.currentThread()) {
                return true;
            }
        }
        return false;
    }

    // ---- counting

    long completed() {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.completed.get();
        }
        return sum;
    }

    long failed() {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.failed.get();
        }
        return sum;
    }

    @Override
    public int active() {
        int sum = 0;
        for (Worker worker : workers) {
            sum += worker.running.get();
        }
        return sum;
    }

    final class Worker implements Runnable {
        // Written under the monitor before the thread starts; volatile for isOnWorker.
        volatile @Nullable Thread thread;

        // Written under the monitor, read by the worker without.
        volatile boolean awake;

        // Written by the worker only, with release: readers need whole and recent values, and no order.
        final AtomicLong completed = new AtomicLong();
        final AtomicLong failed = new AtomicLong();
        final AtomicInteger running = new AtomicInteger();

        @Override
        public void run() {
            boolean woken = true;
            while (true) {
                Runnable task = source.poll();
                if (task != null) {
                    if (woken) {
                        woken = false;
                        arrived();
                    }
                    runTask(task);
                } else if (source.isDrained()) {
                    break;
                } else {
                    sleep(woken);
                    woken = true;
                }
            }
            synchronized (monitor) {
                alive--;
                wakeAllOrTerminate();
            }
        }

        private void arrived() {
            synchronized (monitor) {
                changeWaking(false);
            }
            if (!source.isEmpty()) {
                signal();
            }
        }

        private void runTask(Runnable task) {
            running.lazySet(1);
            AtomicLong count = UncaughtErrors.run(task, errorHandler) ? completed : failed;
            count.lazySet(count.getPlain() + 1);
            running.lazySet(0);
            // An interrupt was meant for the task that has ended; the next one, or park, would take it for its own.
            Thread.interrupted();
        }

        private void sleep(boolean wasWoken) {
            fallAsleep(wasWoken);
            while (!awake) {
                LockSupport.park(WorkerThreads.this);
                Thread.interrupted(); // park does not wait while the flag is set
            }
        }

        /** Stores that it sleeps, and looks at the source once more. */
        void fallAsleep(boolean wasWoken) {
            synchronized (monitor) {
                awake = false;
                sleeping[sleepers++] = this;
                changeWaking(waking && !wasWoken);
                if (source.isDrained()) {
                    wakeAllOrTerminate();
                }
            }
            if (!source.isEmpty()) {
                signal(); // perhaps this one itself
            }
        }
    }
}
