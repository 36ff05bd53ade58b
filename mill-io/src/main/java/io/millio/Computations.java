package io.millio;

import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The computations of one loop that have not ended, in a pool that may be shared with others: so that the loop can
 * cancel its own when it closes. Any thread.
 */
final class Computations {
    private final ComputePool pool;
    private final Executor loop;
    private final Map<Object, CompletableFuture<?>> pending = new ConcurrentHashMap<>(); // by a key of each one's own

    Computations(ComputePool pool, Executor loop) {
        this.pool = pool;
        this.loop = loop;
    }

    /** Computes; {@code end} is called as soon as the computation has ended or was cancelled. */
    <T extends @Nullable Object> CompletableFuture<T> begin(
            Priority priority, Callable<? extends T> task, Runnable end) {
        CompletableFuture<T> result = pool.compute(priority, task, loop);
        Object key = new Object();
        pending.put(key, result); // before it is removed, which is arranged after that
        CompletableFuture<T> unused = result.whenComplete((value, failure) -> {
            pending.remove(key);
            end.run();
        });
        return result;
    }

    /** Cancels what has not started. */
    void cancelAll() {
        pending.values().forEach(each -> each.cancel(false));
    }
}
