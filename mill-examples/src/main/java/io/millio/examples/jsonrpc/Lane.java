package io.millio.examples.jsonrpc;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs so many slow calls of one connection at once; those beyond, of a batch, wait for one to end. In the loop only.
 */
final class Lane implements Offload {
    private record Waiting(Callable<byte[]> task, CompletableFuture<byte[]> result) {}

    private final Offload to;
    private final int most;
    private final Runnable onEnd;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private int running;

    /**
     * A lane to another offload.
     *
     * @param most how many at once, at least 1
     * @param onEnd is run when one has ended
     */
    Lane(Offload to, int most, Runnable onEnd) {
        this.to = to;
        this.most = most;
        this.onEnd = onEnd;
    }

    /** How many run or wait. */
    int underWay() {
        return running + waiting.size();
    }

    @Override
    public CompletableFuture<byte[]> compute(
            Callable<byte[]> task, BiConsumer<? super byte @Nullable [], ? super @Nullable Throwable> callback) {
        if (running < most) {
            return begin(task, callback);
        }
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        CompletableFuture<?> unused = result.whenComplete(callback);
        waiting.add(new Waiting(task, result));
        return result;
    }

    private CompletableFuture<byte[]> begin(
            Callable<byte[]> task, BiConsumer<? super byte @Nullable [], ? super @Nullable Throwable> callback) {
        boolean begun = false;
        running++;
        try {
            CompletableFuture<byte[]> call = to.compute(task, (answer, failure) -> {
                try {
                    callback.accept(answer, failure);
                } finally {
                    ended();
                }
            });
            begun = true;
            return call;
        } finally {
            if (!begun) {
                running--;
            }
        }
    }

    private void ended() {
        running--;
        for (Waiting next; running < most && (next = waiting.poll()) != null; ) {
            begin(next);
        }
        onEnd.run();
    }

    private void begin(Waiting next) {
        CompletableFuture<byte[]> result = next.result();
        if (result.isDone()) {
            return; // cancelled
        }
        CompletableFuture<byte[]> call;
        try {
            call = begin(next.task(), (answer, failure) -> {
                if (answer != null) {
                    result.complete(answer);
                } else {
                    result.completeExceptionally(Objects.requireNonNull(failure));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
            return;
        }
        CompletableFuture<?> unusedDown =
                result.whenComplete((answer, failure) -> call.cancel(false)); // if it has not ended
    }

    /** Begins none of those that wait. */
    void close() {
        waiting.clear();
    }
}
