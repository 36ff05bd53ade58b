package io.millio.net.pool;

import io.millio.internal.Persistently;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The callers that wait until an endpoint has its idle connections. Loop thread only. */
final class WarmUps {
    private final ArrayList<CompletableFuture<?>> waiting = new ArrayList<>();

    void add(CompletableFuture<?> done) {
        waiting.add(done);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Completes all, with the failure if there is one. */
    void complete(@Nullable Throwable failure) {
        while (!waiting.isEmpty()) {
            CompletableFuture<?> each = waiting.remove(0);
            if (failure == null) {
                each.complete(null);
            } else {
                Persistently.fail(each, failure);
            }
        }
    }
}
