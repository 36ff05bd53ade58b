package io.millio;

import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The computations of one loop that have not ended, in a pool that may be shared with others: so that the loop can
 * cancel its own when it closes. Any thread.
 */
final class Computations {
    private final ComputePool pool;
    private final Reactor reactor;
    private final Map<Object, CompletableFuture<?>> pending = new ConcurrentHashMap<>(); // by a key of each one's own

    Computations(ComputePool pool, Reactor reactor) {
        this.pool = pool;
        this.reactor = reactor;
    }

    /**
     * Computes; the reactor is notified as soon as the computation has ended or was cancelled, then the callback is
     * called: attached before the computation can end, so that it is called in the loop.
     */
    <T extends @Nullable Object> CompletableFuture<T> begin(
            Priority priority,
            Callable<? extends T> task,
            BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
        Object key = new Object();
        boolean begun = false;
        try {
            CompletableFuture<T> result = pool.compute(priority, task, reactor.loop, future -> {
                CompletableFuture<T> unused = future.whenComplete((value, failure) -> {
                    pending.remove(key);
                    reactor.settled();
                    try {
                        callback.accept(value, failure);
                    } catch (Throwable t) {
                        reactor.taskFailed(LoopError.Origin.TASK, callback, t);
                    }
                });
                pending.put(key, future);
            });
            begun = true;
            return result;
        } finally {
            if (!begun) {
                pending.remove(key);
            }
        }
    }

    /** Cancels what has not started. */
    void cancelAll() {
        pending.values().forEach(each -> each.cancel(false));
    }
}
