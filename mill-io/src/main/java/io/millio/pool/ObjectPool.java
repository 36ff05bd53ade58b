package io.millio.pool;

import io.millio.internal.Arguments;
import io.millio.internal.Exceptions;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of objects that are costly to make or to dispose of.
 *
 * <p>Made by a builder:
 *
 * <pre>{@code
 * ObjectPool<Parser> parsers = ObjectPool.builder(Parser::new).reset(Parser::clear).maxSize(256).build();
 * try (Lease<Parser> lease = parsers.acquire()) {
 *     lease.get().parse(input);
 * }
 * }</pre>
 *
 * <p>Objects are made when none is idle, up to the bound, which holds for all that exist: leased, idle, being made and
 * being disposed of. A request never waits: when all are leased it is refused.
 *
 * <p>Any thread. Each platform thread that acquires keeps up to 32 idle objects in a cache of its own (64 threads at
 * most; others share). Taking from it costs one atomic step; giving back to it costs none, or one with a
 * {@code dispose} and one with a {@code reset} action. At the bound, other threads get what lies in caches. Virtual
 * threads, and threads that only give back, share the rest under a short lock. In the steady state neither way
 * allocates. The objects in a dead thread's cache become available to all. O(1), except for a request at the bound,
 * which is O(objects).
 *
 * <p>Detected: a lease that is closed twice or used after its end, see {@link Lease}, and one given to the wrong pool.
 * Not detected: a second close of a lease that has been given out again since; and, without a {@code dispose} action, a
 * second close by another thread at the same moment. A lease that is never closed keeps its place for ever, unless
 * leaks are tracked.
 *
 * @param <T> the type of the objects
 */
public final class ObjectPool<T> implements AutoCloseable {
    private final PoolSettings<T> settings;
    private final @Nullable LeakTracker leakTracker;
    final Depot<T> depot;
    private final @Nullable LocalCache<T>[] caches; // the depot's

    ObjectPool(PoolSettings<T> settings) {
        this.settings = settings;
        leakTracker = settings.leakTracker();
        depot = new Depot<>(settings);
        caches = depot.caches;
    }

    /**
     * Returns a builder with the default settings.
     *
     * @param create makes an object, on the thread that acquires, never null; what it throws is thrown to that thread
     */
    public static <T> ObjectPoolBuilder<T> builder(Supplier<? extends T> create) {
        return new ObjectPoolBuilder<>(Objects.requireNonNull(create, "create"));
    }

    /** Returns the pool's name, which errors and leak reports contain. */
    public String name() {
        return settings.name();
    }

    // ---- acquiring

    /**
     * Leases an object.
     *
     * @throws PoolExhaustedException if the bound is reached and all objects are leased
     * @throws IllegalStateException if the pool is closed
     */
    public Lease<T> acquire() {
        Lease<T> lease = tryAcquire();
        if (lease == null) {
            int leased = stats().leased();
            int maxSize = settings.maxSize();
            throw new PoolExhaustedException(
                    "pool " + name() + " is exhausted: " + leased + " of at most " + maxSize + " objects are leased",
                    maxSize,
                    leased);
        }
        return lease;
    }

    /**
     * Leases an object, or returns null if the bound is reached and all objects are leased (or being disposed of).
     *
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable Lease<T> tryAcquire() {
        PoolHandle<T> lease = take();
        if (lease == null) {
            lease = takeNewOrSteal();
            if (lease == null) {
                depot.countExhausted();
            }
        }
        return (Lease<T>) lease;
    }

    /** Leases an idle object from the thread's cache or the shelf, which are the quick ways. */
    @Nullable
    PoolHandle<T> take() {
        LocalCache<T> cache = ownCache();
        PoolHandle<T> lease = cache == null ? null : cache.take();
        if (lease == null) {
            cache = cache != null ? cache : depot.newCache();
            lease = depot.take(cache);
        }
        // No call between the claim and the return: the stack may be full.
        return lease == null || leakTracker == null ? lease : tracked(lease, leakTracker);
    }

    private PoolHandle<T> tracked(PoolHandle<T> lease, LeakTracker tracker) {
        PoolHandle<T> tracked = null;
        try {
            tracked = tracker.track(lease, settings);
            return tracked;
        } finally {
            if (tracked == null) {
                lease.giveBack(); // no caller has it
            }
        }
    }

    private @Nullable LocalCache<T> ownCache() {
        Thread thread = Thread.currentThread();
        LocalCache<T> cache = caches[Depot.place(thread)];
        return cache != null && cache.owner == thread ? cache : null;
    }

    /** Leases a new object, or at the bound an idle one from wherever it is; null if there is none. */
    @Nullable
    PoolHandle<T> takeNewOrSteal() {
        PoolHandle<T> lease = takeNew();
        if (lease == null) {
            lease = depot.steal(ownCache());
            return lease == null || leakTracker == null ? lease : tracked(lease, leakTracker);
        }
        return lease;
    }

    /** Leases a new object; null at the bound. */
    @Nullable
    PoolHandle<T> takeNew() {
        PoolHandle<T> lease = depot.reservePlace() ? takeNew(ownCache()) : null;
        return lease == null || leakTracker == null ? lease : tracked(lease, leakTracker);
    }

    private @Nullable PoolHandle<T> takeNew(@Nullable LocalCache<T> cache) {
        PoolEntry<T> entry = null;
        T object = null;
        PoolHandle<T> lease = null;
        boolean admitted = false;
        try {
            object = settings.create().get();
            if (object == null) {
                return null;
            }
            entry = new PoolEntry<>(this, object, settings.newHandle());
            lease = entry.firstHandle(cache);
            admitted = depot.admit(entry);
        } finally {
            if (entry == null) {
                dispose(object, false); // no memory for its entry, or no object
            } else if (!admitted) {
                entry.become(PoolEntry.GONE);
                disposeOf(entry);
            }
        }
        if (!admitted) {
            throw new IllegalStateException("pool " + name() + " was closed while it made an object");
        }
        return lease;
    }

    // ---- giving back

    /** Ends the lease that is identified by this state; throws if it has ended already. */
    void giveBack(PoolEntry<T> entry, long held) {
        Consumer<? super T> reset = settings.reset();
        long from = held;
        if (reset != null) {
            from = PoolEntry.with(held, PoolEntry.RETURNING);
            if (!entry.compareAndSet(held, from)) {
                giveBackUnusual(entry, held);
                return;
            }
            reset(entry, reset);
        }
        if (!entry.compareAndSet(from, PoolEntry.with(from, PoolEntry.IDLE))) {
            giveBackUnusual(entry, from);
            return;
        }
        LocalCache<T> cache = ownCache();
        if (cache == null || cache.isFull()) {
            depot.giveBack(entry, cache);
        } else {
            cache.push(entry);
        }
    }

    private void reset(PoolEntry<T> entry, Consumer<? super T> by) {
        try {
            by.accept(Objects.requireNonNull(entry.object));
        } catch (Throwable e) {
            entry.become(PoolEntry.GONE);
            try {
                disposeOf(entry);
            } catch (Throwable disposeFailure) {
                e.addSuppressed(disposeFailure);
            }
            throw e;
        }
    }

    /** Either the pool has closed, or the lease has ended already. */
    private void giveBackUnusual(PoolEntry<T> entry, long from) {
        if (!entry.compareAndSet(from | PoolEntry.CLOSING, PoolEntry.with(from, PoolEntry.GONE))) {
            throw new IllegalStateException("a lease of pool " + name() + " was given back twice");
        }
        disposeOf(entry);
    }

    // ---- cleaning up

    /**
     * Disposes of objects that have been idle for the builder's {@code idleTime}; as {@link #trim(long)}.
     *
     * @return how many
     */
    public int trim() {
        return trim(settings.idleNanos());
    }

    /**
     * Disposes of objects that have been idle for some time, as long as more than the builder's {@code minIdle} are
     * idle. To be called every now and then, for instance by a loop's timer.
     *
     * <p>Giving back reads no clock: an object's idle time starts with the first trim, of either kind, that finds it
     * idle. So it is disposed of after this time at least, and after this time and two intervals between trims at most.
     * O(objects).
     *
     * @param idleNanos how long, in nanoseconds; 0 disposes of all that are idle, at once
     * @return how many
     * @throws IllegalArgumentException if the time is negative
     */
    public int trim(long idleNanos) {
        return trim(Arguments.atLeast(0, idleNanos, "idleNanos"), Integer.MAX_VALUE);
    }

    int trim(long idleNanos, int limit) {
        return disposeOfAll(depot.trim(settings.nanoClock().getAsLong(), idleNanos, limit));
    }

    /** Returns what the pool has and has done. O(objects). */
    public PoolStats stats() {
        return depot.stats();
    }

    /**
     * Closes the pool: idle objects are disposed of now, leased ones when they come back. Later requests throw an
     * {@link IllegalStateException}. Closing twice has no effect. What {@code dispose} throws is thrown on at the end.
     * O(objects).
     */
    @Override
    public void close() {
        disposeOfAll(depot.close());
    }

    private int disposeOfAll(List<PoolEntry<T>> entries) {
        Throwable failure = null;
        for (PoolEntry<T> entry : entries) {
            try {
                disposeOf(entry);
            } catch (Throwable e) {
                failure = Exceptions.joined(failure, e);
            }
        }
        if (failure != null) {
            throw Exceptions.rethrow(failure);
        }
        return entries.size();
    }

    void disposeOf(PoolEntry<T> entry) {
        dispose(entry.dropObject(), true);
    }

    /** The place becomes free after the object is disposed of, so that there are never too many. */
    private void dispose(@Nullable T object, boolean counted) {
        Consumer<? super T> dispose = settings.dispose();
        try {
            if (dispose != null && object != null) {
                dispose.accept(object);
            }
        } finally {
            depot.freePlace(counted);
        }
    }
}
