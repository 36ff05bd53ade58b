package io.millio.examples.jsonrpc;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Where slow methods run: {@code EventLoop.compute} with a priority, for one. */
@FunctionalInterface
public interface Offload {
    /**
     * Runs a task elsewhere.
     *
     * @return completed in the loop
     * @throws java.util.concurrent.RejectedExecutionException if there is no room
     */
    CompletableFuture<byte[]> compute(Callable<byte[]> task);
}
