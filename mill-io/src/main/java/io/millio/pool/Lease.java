package io.millio.pool;

import java.util.Objects;

/**
 * A lease of an object of an {@link ObjectPool} which may be used until this is closed.
 *
 * <p>A lease is pooled as its object is, so taking one makes no garbage. Each object has four leases, and is given out
 * with them in turn. A lease that was closed hence stays closed while the object's next three leases last: to use it or
 * to close it again is an error. With the fourth the same lease object is in use again, and what a former holder does
 * with it is taken for the present holder's doing. Of two threads that close a lease at once one gets the error. A pool
 * that tracks every lease, see {@link ObjectPoolBuilder#trackLeaks}, makes a fresh one each time and misses nothing.
 *
 * <p>Any thread, one at a time; the thread that closes need not be the one that acquired. What was written to the
 * object before the close, the next holder sees.
 *
 * @param <T> what is leased
 */
public final class Lease<T> extends PoolHandle<T> implements AutoCloseable {
    Lease(PoolEntry<T> entry) {
        super(entry);
    }

    /**
     * Returns the leased object, which must not be used after the lease is closed. O(1).
     *
     * @throws IllegalStateException if the lease is closed
     */
    public T get() {
        requireHeld();
        return Objects.requireNonNull(entry.object);
    }

    /**
     * Returns the object to the pool; or, if the pool is closed, disposes of it. What the pool's {@code reset} throws
     * is thrown on, and the object is disposed of then. O(1).
     *
     * @throws IllegalStateException if the lease is closed already
     */
    @Override
    public void close() {
        giveBack();
    }
}
