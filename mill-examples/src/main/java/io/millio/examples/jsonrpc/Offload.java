package io.millio.examples.jsonrpc;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Where slow methods run: {@code EventLoop.compute} with a priority, for one. */
@FunctionalInterface
public interface Offload {
    /**
     * Runs a task elsewhere.
     *
     * @param callback called in the loop with the answer, or null and the failure; not if this throws
     * @return for {@link CompletableFuture#cancel}
     * @throws java.util.concurrent.RejectedExecutionException if there is no room
     */
    CompletableFuture<byte[]> compute(
            Callable<byte[]> task, BiConsumer<? super byte @Nullable [], ? super @Nullable Throwable> callback);
}
