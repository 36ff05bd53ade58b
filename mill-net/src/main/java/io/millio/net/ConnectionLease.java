package io.millio.net;

import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One who uses connections of a {@link ConnectionPool}: waits for one, holds it, gives it back. It may then ask again,
 * so that a program that keeps its leases makes no garbage.
 *
 * <p>Methods are for the loop of the pool, unless they say otherwise. A lease whose connection has ended holds nothing
 * any more; to release it then, or twice, does nothing, for another lease that has the connection by now is not
 * touched.
 */
public abstract class ConnectionLease {
    /** Where it was acquired; its name is what a report of a leak shows. */
    static final class Place extends Throwable {
        private static final long serialVersionUID = 1;

        Place() {
            super("the lease was acquired here");
        }
    }

    final ConnectionHandler handler;

    // The turn's, but for those that are volatile: these are read by whoever has the lease, on any thread.
    private volatile @Nullable ConnectionPool pool;
    volatile @Nullable PooledConnection held;

    /** The endpoint that it waits for; null when it does not wait. */
    @Nullable
    PoolEndpoint endpoint;

    // Neighbours among those that wait for the same endpoint.
    @Nullable
    ConnectionLease before;

    @Nullable
    ConnectionLease after;

    long sinceNanos;

    @Nullable
    Place place;

    /**
     * For subclasses.
     *
     * @param handler hears the connection while this holds it; its {@link ConnectionHandler#onOpen} is not called
     */
    protected ConnectionLease(ConnectionHandler handler) {
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    /** It holds a connection now. Called in a later turn than the request, or later in that turn. */
    protected abstract void onAcquired(Connection connection);

    /**
     * There will be none: {@link java.util.concurrent.TimeoutException}, what connecting failed with, or
     * {@link RejectedExecutionException} when the pool or the loop closes.
     */
    protected abstract void onFailed(Throwable cause);

    /** Whether it waits. */
    public final boolean isWaiting() {
        return endpoint != null;
    }

    /** Whether it holds a connection. Any thread. */
    public final boolean isHeld() {
        return held != null;
    }

    /**
     * The connection that it holds. Any thread.
     *
     * @throws IllegalStateException if it holds none
     */
    public final Connection connection() {
        PooledConnection now = held;
        if (now == null) {
            throw new IllegalStateException("the lease holds no connection");
        }
        return now.connection();
    }

    /** Whether nobody has used its connection before: then there may be something to say first. */
    public final boolean isFirstUse() {
        PooledConnection now = held;
        return now != null && now.uses() == 1;
    }

    /** Ends its wait without a call; returns false if it does not wait. */
    public final boolean cancel() {
        PoolEndpoint from = endpoint;
        if (from == null) {
            return false;
        }
        from.pool.cancel(this);
        return true;
    }

    /**
     * Gives the connection back, for others to use. What it has of unwritten bytes is still written; unread ones, or an
     * end of input or output, end it. Any thread, for a lease that is not used again.
     */
    public final void release() {
        giveBack(true);
    }

    /**
     * Gives the place of the connection back, and closes the connection after what is queued. Threads as
     * {@link #release}.
     */
    public final void discard() {
        giveBack(false);
    }

    private void giveBack(boolean reuse) {
        ConnectionPool from = pool;
        if (from == null) {
            return;
        }
        if (from.loop().inLoop()) {
            from.giveBack(this, reuse);
            return;
        }
        try {
            from.loop().execute(() -> from.giveBack(this, reuse));
        } catch (RejectedExecutionException e) {
            // The loop is closed, and the connection with it.
        }
    }

    final void of(ConnectionPool by) {
        pool = by;
    }
}
