package io.millio.task;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The worker threads that take tasks from one source, from the first task to the last.
 *
 * <pre>
 *   OPEN --shutdown--&gt; CLOSED: what is queued is run --drained, and the last worker left--&gt; TERMINATED
 * </pre>
 *
 * A thread is made when all others are busy and no more than the number allowed. The first is made before the first
 * task is queued, so that a failure to make it is its submitter's and leaves nothing behind; where a later one can't be
 * made, those that are there do the work. {@link Sleepers} says who is woken when.
 *
 * <p>Any thread.
 */
final class Crew implements Hands {
    private static final VarHandle COMPLETED;
    private static final VarHandle FAILED;
    private static final VarHandle RUNNING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COMPLETED = lookup.findVarHandle(Worker.class, "completed", long.class);
            FAILED = lookup.findVarHandle(Worker.class, "failed", long.class);
            RUNNING = lookup.findVarHandle(Worker.class, "running", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TaskSource source;
    private final ThreadFactory threadFactory;
    private final TaskErrorHandler errorHandler;
    private final Worker[] workers;
    private final Sleepers sleepers;
    private final Object monitor = new Object();

    // How many threads were made. Written under the monitor; volatile, for submitters look at it without.
    private volatile int made;

    // Guarded by the monitor.
    private int alive;
    private boolean closed;
    private boolean terminated;

    Crew(TaskSource source, int size, ThreadFactory threadFactory, TaskErrorHandler errorHandler) {
        this.source = source;
        this.threadFactory = threadFactory;
        this.errorHandler = errorHandler;
        sleepers = new Sleepers(size);
        workers = new Worker[size];
        for (int i = 0; i < size; i++) {
            workers[i] = new Worker(i);
        }
    }

    // ---- submitting

    /**
     * To be called before a task is offered to the source: there is a worker afterwards, unless the crew is closed.
     *
     * @throws RejectedExecutionException if no thread could be made
     */
    @Override
    public void prepare() {
        if (made == 0) {
            makeFirst();
        }
    }

    private void makeFirst() {
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

    /** To be called after a task was offered to the source: wakes a worker, if one is needed. */
    @Override
    public void signal() {
        while (true) {
            int worker = sleepers.claim(made < workers.length);
            if (worker == Sleepers.NOBODY) {
                return;
            }
            if (worker != Sleepers.ALL_BUSY) {
                workers[worker].wake();
                return;
            }
            if (tryMakeNext()) {
                return;
            }
            // Others have left it to the one that was not made. Those that are busy look when they are done.
            sleepers.arrived();
            if (!sleepers.hasAny() || source.isEmpty()) {
                return;
            }
        }
    }

    private boolean tryMakeNext() {
        synchronized (monitor) {
            if (terminated || made == workers.length) {
                return false;
            }
            try {
                makeNext();
                return true;
            } catch (RuntimeException | Error e) {
                return false; // those that are there do the work; the next task tries again
            }
        }
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
    }

    // ---- ending

    /** Closes the source. What is queued is run, then the threads end. Twice does no harm. */
    @Override
    public void shutdown() {
        synchronized (monitor) {
            closed = true;
            source.close();
            if (alive == 0) {
                terminated = true;
                monitor.notifyAll();
            }
        }
        wakeAll();
    }

    private void wakeAll() {
        for (int worker; (worker = sleepers.takeAny()) != Sleepers.NOBODY; ) {
            workers[worker].wake();
        }
    }

    private void left() {
        synchronized (monitor) {
            alive--;
            if (alive == 0) {
                terminated = true;
                monitor.notifyAll();
            }
        }
        // Some may have gone to sleep while a task was claimed and not stored yet.
        wakeAll();
    }

    /**
     * Waits until all tasks are run and all threads have ended; returns whether they have. Not on a worker's thread.
     */
    @Override
    public boolean awaitTermination(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        int toJoin;
        synchronized (monitor) {
            while (!terminated) {
                long left = timeoutNanos - (System.nanoTime() - begin);
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(monitor, left);
            }
            toJoin = made;
        }
        for (int i = 0; i < toJoin; i++) {
            Thread thread = workers[i].thread;
            if (thread != null && thread.isAlive()) {
                long left = timeoutNanos - (System.nanoTime() - begin);
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
                if (thread.isAlive()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether the calling thread is one of the workers. */
    @Override
    public boolean isOnWorker() {
        synchronized (monitor) {
            for (int i = 0; i < made; i++) {
                if (workers[i].thread == Thread.currentThread()) {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- counting

    long completed() {
        long sum = 0;
        for (Worker worker : workers) {
            sum += (long) COMPLETED.getOpaque(worker);
        }
        return sum;
    }

    long failed() {
        long sum = 0;
        for (Worker worker : workers) {
            sum += (long) FAILED.getOpaque(worker);
        }
        return sum;
    }

    /** How many workers run a task now. */
    @Override
    public int active() {
        int sum = 0;
        for (Worker worker : workers) {
            sum += (int) RUNNING.getOpaque(worker);
        }
        return sum;
    }

    private final class Worker implements Runnable {
        final int index;

        // Written once under the monitor, before the thread starts.
        volatile @Nullable Thread thread;

        // Cleared by the worker before it says that it sleeps, set by the one that took it off the stack.
        volatile boolean awake;

        // Written by the worker only, opaque: whoever reads sees whole and recent values, no order.
        private long completed;
        private long failed;

        @SuppressWarnings("unused") // read through its handle
        private int running;

        Worker(int index) {
            this.index = index;
        }

        void wake() {
            awake = true;
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            boolean onItsWay = true;
            while (true) {
                Runnable task = source.poll();
                if (task != null) {
                    if (onItsWay) {
                        onItsWay = false;
                        sleepers.arrived();
                        if (!source.isEmpty()) {
                            signal();
                        }
                    }
                    runTask(task);
                } else if (source.isDrained()) {
                    break;
                } else {
                    sleep(onItsWay);
                    onItsWay = true;
                }
            }
            left();
        }

        private void runTask(Runnable task) {
            RUNNING.setOpaque(this, 1);
            try {
                task.run();
                COMPLETED.setOpaque(this, completed + 1);
            } catch (Throwable t) {
                FAILED.setOpaque(this, failed + 1);
                tell(task, t);
            }
            RUNNING.setOpaque(this, 0);
            // An interrupt was meant for the task that has ended; the next one, or park, would take it for its own.
            Thread.interrupted();
        }

        private void tell(Runnable task, Throwable thrown) {
            try {
                errorHandler.onError(task, thrown);
            } catch (Throwable t) {
                ToUncaught.tell(t);
            }
        }

        private void sleep(boolean wasOnItsWay) {
            awake = false;
            sleepers.sleep(index, wasOnItsWay);
            if (source.isDrained()) {
                wakeAll();
            } else if (!source.isEmpty()) {
                signal(); // perhaps this one itself
            }
            while (!awake) {
                LockSupport.park(Crew.this);
                Thread.interrupted(); // park does not wait while the flag is set
            }
        }
    }
}
