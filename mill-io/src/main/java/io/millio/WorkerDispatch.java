package io.millio;

import io.millio.task.WorkerPool;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Submits the runs of a turn to the executor. A {@link WorkerPool} gets them in batches, so that its workers are woken
 * when all are queued. Loop thread only.
 */
final class WorkerDispatch {
    private static final int MAX_BATCH = 256;

    /** A run of a registration's handler on a worker. Loop and worker by turns, ordered by the executor. */
    static final class Run implements Runnable {
        private static final VarHandle NUMBER;
        private static final VarHandle THREAD;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                NUMBER = lookup.findVarHandle(Run.class, "number", int.class);
                THREAD = lookup.findVarHandle(Run.class, "thread", Thread.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final SourceRegistration registration;

        // Written by the thread that runs it, with release and the number first, and read by the watchdog: the same
        // number before and after the thread was read is that of its run.
        private int number;

        @SuppressWarnings("unused") // accessed through its handle
        private @Nullable Thread thread;

        Run(SourceRegistration registration) {
            this.registration = registration;
        }

        @Override
        public void run() {
            try {
                registration.runOnWorker(this);
            } catch (Throwable t) {
                registration.failed(t);
            }
        }

        /** Called by the thread that runs it; runs of a registration never overlap. */
        void begin() {
            NUMBER.setRelease(this, number + 1);
            THREAD.setRelease(this, Thread.currentThread());
        }

        void end() {
            THREAD.setRelease(this, null);
        }

        int number() {
            return (int) NUMBER.getAcquire(this);
        }

        /** Returns the thread that runs it now, if one does. Any thread. */
        @Nullable
        Thread thread() {
            return (Thread) THREAD.getAcquire(this);
        }
    }

    private final Executor executor;
    private final @Nullable WorkerPool pool;
    private final @Nullable Run[] batch = new Run[MAX_BATCH];
    private int size;
    private boolean dispatched;

    WorkerDispatch(Executor executor) {
        this.executor = executor;
        this.pool = executor instanceof WorkerPool own ? own : null;
    }

    /** Submits a run, now or with the next {@link #flush}; throws what the executor throws. */
    void add(Run run) {
        dispatched = true;
        if (pool == null) {
            executor.execute(run);
            return;
        }
        batch[size++] = run;
        if (size == MAX_BATCH) {
            submit(pool);
        }
    }

    /** Submits what is left; returns whether there was any run since the last time. */
    boolean flush() {
        boolean any = dispatched;
        dispatched = false;
        if (pool != null && size > 0) {
            submit(pool);
        }
        return any;
    }

    private void submit(WorkerPool pool) {
        int count = size;
        size = 0;
        try {
            int accepted = pool.executeAll(batch, count);
            if (accepted < count) {
                reject(accepted, count, new RejectedExecutionException("the worker pool is full or shut down"));
            }
        } catch (Throwable t) {
            reject(0, count, t); // those that the pool has accepted are run all the same
        } finally {
            Arrays.fill(batch, 0, count, null);
        }
    }

    private void reject(int from, int to, Throwable why) {
        for (int i = from; i < to; i++) {
            Run rejected = batch[i];
            if (rejected != null) {
                rejected.registration.failed(why);
            }
        }
    }
}
