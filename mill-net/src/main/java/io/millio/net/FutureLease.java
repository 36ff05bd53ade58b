package io.millio.net;

import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** A lease as a future, for any thread. */
final class FutureLease extends ConnectionLease {
    private final ConnectionPool pool;
    final CompletableFuture<ConnectionLease> future = new CompletableFuture<>();

    FutureLease(ConnectionPool pool, ConnectionHandler handler) {
        super(handler);
        this.pool = pool;
    }

    /** In the loop. */
    void begin(SocketAddress endpoint) {
        if (future.isDone()) {
            return; // cancelled on its way here
        }
        try {
            if (pool.acquire(endpoint, this)) {
                onAcquired(connection());
                return;
            }
        } catch (RuntimeException e) {
            onFailed(e);
            return;
        }
        CompletableFuture<?> unused = future.whenComplete((lease, failure) -> {
            if (future.isCancelled()) {
                cancelled();
            }
        });
    }

    private void cancelled() {
        if (pool.loop().inLoop()) {
            cancel();
            return;
        }
        try {
            pool.loop().execute(this::cancel);
        } catch (RejectedExecutionException e) {
            // Closed: nobody waits any more.
        }
    }

    @Override
    protected void onAcquired(Connection connection) {
        if (!future.complete(this)) {
            release(); // cancelled just now
        }
    }

    @Override
    protected void onFailed(Throwable cause) {
        future.completeExceptionally(cause);
    }
}
