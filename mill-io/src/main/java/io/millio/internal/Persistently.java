package io.millio.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Calls on whose success another party waits, and which take a little memory or stack: where there is none they are
 * tried again, a bounded number of times. Any thread.
 */
public final class Persistently {
    /** How often a call is tried. */
    public static final int MAX_ATTEMPTS = 100;

    private Persistently() {}

    /**
     * Submits a task.
     *
     * @throws RejectedExecutionException if the executor takes nothing any more
     */
    public static void execute(Executor executor, Runnable task) {
        for (int attempt = 1; ; attempt++) {
            try {
                executor.execute(task);
                return;
            } catch (OutOfMemoryError | StackOverflowError e) {
                giveUpAt(attempt, e);
            }
        }
    }

    /** Submits a task; runs it at once if the executor takes nothing any more. */
    public static void executeOrRun(Executor executor, Runnable task) {
        try {
            execute(executor, task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }

    /**
     * Submits a task that throws what a callback has thrown, so that a loop reports it.
     *
     * @param subject what the callback belongs to
     * @throws RejectedExecutionException if the executor takes nothing any more
     */
    public static void report(Executor executor, Object subject, Throwable thrown) {
        for (int attempt = 1; ; attempt++) {
            try {
                executor.execute(new FailedCallback(subject, thrown));
                return;
            } catch (OutOfMemoryError | StackOverflowError e) {
                giveUpAt(attempt, e);
            }
        }
    }

    /** Runs a step that may be begun again; it was made beforehand. */
    public static void run(Runnable step) {
        for (int attempt = 1; ; attempt++) {
            try {
                step.run();
                return;
            } catch (OutOfMemoryError | StackOverflowError e) {
                giveUpAt(attempt, e);
            }
        }
    }

    /** Fails a future; nothing happens if it is complete. */
    public static void fail(CompletableFuture<?> future, Throwable failure) {
        for (int attempt = 1; !future.isDone(); attempt++) {
            try {
                future.completeExceptionally(failure);
            } catch (OutOfMemoryError | StackOverflowError e) {
                giveUpAt(attempt, e);
            }
        }
    }

    private static void giveUpAt(int attempt, VirtualMachineError failure) {
        if (attempt == MAX_ATTEMPTS) {
            throw failure;
        }
    }
}
