package io.millio;

import io.millio.task.WorkerPool;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Gives the runs of a turn to the executor. A pool of ours gets them together, so that its workers are woken when all
 * are queued. Loop's turn only.
 */
final class HandOver {
    private final Executor executor;
    private final @Nullable WorkerPool pool;

    // Parallel: the first size of each.
    private @Nullable SourceRegistration[] registrations = new SourceRegistration[64];
    private @Nullable Runnable[] runs = new Runnable[64];
    private int size;

    private boolean handedOver;

    HandOver(Executor executor) {
        this.executor = executor;
        this.pool = executor instanceof WorkerPool own ? own : null;
    }

    void add(SourceRegistration registration, Runnable run) {
        handedOver = true;
        if (pool == null) {
            try {
                executor.execute(run);
            } catch (Throwable t) { // rejected; or no thread could be made
                registration.notTaken(t);
            }
            return;
        }
        if (size == runs.length) {
            registrations = Arrays.copyOf(registrations, size * 2);
            runs = Arrays.copyOf(runs, size * 2);
        }
        registrations[size] = registration;
        runs[size++] = run;
    }

    /** Gives on what was added and not given on yet; returns whether anything was added since the last time. */
    boolean flush() {
        boolean any = handedOver;
        handedOver = false;
        if (pool != null && size > 0) {
            giveToPool(pool);
        }
        return any;
    }

    private void giveToPool(WorkerPool pool) {
        int taken = pool.executeAll(runs, size);
        for (int i = taken; i < size; i++) {
            Objects.requireNonNull(registrations[i])
                    .notTaken(new RejectedExecutionException("the worker pool is full or shut down"));
        }
        Arrays.fill(registrations, 0, size, null);
        Arrays.fill(runs, 0, size, null);
        size = 0;
    }
}
