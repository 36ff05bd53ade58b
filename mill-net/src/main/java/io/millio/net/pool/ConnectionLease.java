package io.millio.net.pool;

import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A user of connections of a {@link ConnectionPool}: waits for a connection, holds it, releases it, and may then
 * acquire again, so that a program that keeps its leases makes no garbage.
 *
 * <p>Methods are for the thread of the pool's loop, unless they say otherwise. A lease whose connection has ended holds
 * nothing any more. Releasing it then, or twice, has no effect, not even if another lease holds that connection by now.
 */
public abstract class ConnectionLease {
    /** A stack trace of the place where the lease was acquired, for reports of leaks. */
    static final class AcquiredHere extends Throwable {
        private static final long serialVersionUID = 1;

        AcquiredHere() {
            super("the lease was acquired here");
        }
    }

    final ConnectionHandler handler;

    // Volatile, both: written in the turn; release() and connection() read them on any thread.
    private volatile @Nullable ConnectionPool pool;
    volatile @Nullable PooledConnection held;

    // Turn only, from here on. The endpoint that it waits for; null when it does not wait.
    @Nullable
    Endpoint endpoint;

    final LinkedQueue.Link<ConnectionLease> waiting = new LinkedQueue.Link<>();
    long waitingSinceNanos;

    @Nullable
    AcquiredHere acquiredHere;

    /**
     * For subclasses.
     *
     * @param handler the handler of the connection while it is leased; {@link ConnectionHandler#onOpen} is not called
     */
    protected ConnectionLease(ConnectionHandler handler) {
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    /** Called when a connection has been acquired, never inside the call that requested it. */
    protected abstract void onAcquired(Connection connection);

    /**
     * Called when the request has failed.
     *
     * @param cause a {@link java.util.concurrent.TimeoutException}, the failure of connecting, or a
     *     {@link RejectedExecutionException} if the pool or the loop was closed
     */
    protected abstract void onFailed(Throwable cause);

    /** Whether the lease is waiting for a connection. */
    public final boolean isWaiting() {
        return endpoint != null;
    }

    /** Whether the lease holds a connection. Any thread. */
    public final boolean isHeld() {
        return held != null;
    }

    /**
     * Returns the connection. Any thread.
     *
     * @throws IllegalStateException if the lease holds none
     */
    public final Connection connection() {
        PooledConnection current = held;
        if (current == null) {
            throw new IllegalStateException("the lease holds no connection");
        }
        return current.connection();
    }

    /** Whether the connection is leased for the first time, so that a greeting or login is due. */
    public final boolean isFirstUse() {
        PooledConnection current = held;
        return current != null && current.uses() == 1;
    }

    /** Gives up the wait, without a callback; returns false if the lease was not waiting. */
    public final boolean cancel() {
        Endpoint from = endpoint;
        if (from == null) {
            return false;
        }
        from.cancel(this);
        return true;
    }

    /**
     * Returns the connection to the pool. Queued bytes are still written; a connection with unread bytes, or whose
     * input or output has ended, is closed. Any thread, if the lease is not used again.
     */
    public final void release() {
        release(true);
    }

    /** Removes the connection from the pool and closes it after the queued bytes. Threads as {@link #release}. */
    public final void discard() {
        release(false);
    }

    private void release(boolean reuse) {
        ConnectionPool from = pool;
        if (from == null) {
            return;
        }
        if (from.loop().inLoop()) {
            from.release(this, reuse);
            return;
        }
        try {
            from.loop().execute(() -> from.release(this, reuse));
        } catch (RejectedExecutionException e) {
            // the loop is closed, and the connection with it
        }
    }

    final void acquiringFrom(ConnectionPool acquiring) {
        pool = acquiring;
    }
}
