package io.millio.pool;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Runs things on other threads, and waits with a deadline. */
final class Threads {
    static final long DEADLINE_SECONDS = 30;

    private Threads() {}

    /** Runs on a thread of its own, which is dead afterwards. */
    static <T> T onDeadThread(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        Thread thread = new Thread(future, "short-lived");
        thread.start();
        T result = future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        thread.join();
        return result;
    }

    static <T> T onVirtualThread(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        try {
            Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, future);
        } catch (InvocationTargetException e) {
            throw new AssertionError(e);
        }
        return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    static void collectUntil(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS)) {
                throw new AssertionError("not within " + DEADLINE_SECONDS + " s");
            }
            System.gc();
            Thread.onSpinWait();
        }
    }
}
