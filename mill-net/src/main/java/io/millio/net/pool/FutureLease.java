package io.millio.net.pool;

import io.millio.internal.LoopFuture;
import io.millio.internal.Persistently;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** A lease as a future. */
final class FutureLease extends ConnectionLease {
    private final ConnectionPool pool;
    private final CompletableFuture<ConnectionLease> future;

    FutureLease(ConnectionPool pool, ConnectionHandler handler) {
        super(handler);
        this.pool = pool;
        this.future = new LoopFuture<>(pool.loop());
    }

    CompletableFuture<ConnectionLease> future() {
        return future;
    }

    /** Starts the request. Loop thread only. */
    void start(SocketAddress endpoint) {
        if (future.isDone()) {
            return; // cancelled before the loop got here
        }
        try {
            if (pool.acquire(endpoint, this)) {
                onAcquired(connection());
                return;
            }
        } catch (Throwable t) {
            onFailed(t);
            return;
        }
        CompletableFuture<?> unused = future.whenComplete((lease, failure) -> {
            if (future.isCancelled()) {
                cancelWait();
            }
        });
    }

    private void cancelWait() {
        try {
            pool.runInLoop(this::cancel);
        } catch (RejectedExecutionException e) {
            // the loop is closed, and has ended the wait
        }
    }

    @Override
    protected void onAcquired(Connection connection) {
        if (!future.complete(this)) {
            release(); // cancelled in the meantime
        }
    }

    @Override
    protected void onFailed(Throwable cause) {
        Persistently.fail(future, cause);
    }
}
