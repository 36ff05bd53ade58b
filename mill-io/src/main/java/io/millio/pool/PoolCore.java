package io.millio.pool;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What both pools are made of: takes entries from the thread's cache or the depot, makes and disposes of objects, and
 * gives entries back.
 *
 * <p>Any thread. No lock is held while code of the user runs. Taking from and giving back to a thread's own cache is
 * one compare-and-set each, two with a reset.
 */
final class PoolCore<T, H extends PoolHandle<T>> {
    private final String name;
    private final Supplier<? extends @Nullable T> create;
    private final @Nullable Consumer<? super T> reset;
    private final Consumer<? super T> dispose;
    private final Function<PoolEntry<T>, H> newHandle;
    private final LongSupplier nanoClock;
    private final @Nullable LeakTracker leakTracker;
    private final Depot<T> depot;

    // Weak, as a thread outlives pools: what it keeps of a pool that nobody closed is an empty reference.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable WeakReference<LocalCache<T>>> caches = new ThreadLocal<>();

    PoolCore(PoolSettings<T> settings, Function<PoolEntry<T>, H> newHandle) {
        name = settings.name();
        create = settings.create();
        reset = settings.reset();
        dispose = settings.dispose();
        nanoClock = settings.nanoClock();
        leakTracker = settings.leakTracker();
        depot = new Depot<>(name, settings.maxSize());
        this.newHandle = newHandle;
    }

    String name() {
        return name;
    }

    /** Leases an idle object from the thread's cache or the shelf, which are the quick ways. */
    @Nullable
    H take() {
        LocalCache<T> cache = ownCache();
        PoolEntry<T> entry = cache == null ? null : cache.take();
        if (entry == null) {
            if (cache == null && !VirtualThreads.isVirtual(Thread.currentThread())) {
                cache = newCache();
            }
            entry = depot.take(cache);
        }
        return entry == null ? null : lease(entry, cache);
    }

    /** Leases an object made for it; null if the pool is full, or if its creator says so. */
    @Nullable
    H takeNew() {
        if (!depot.reservePlace()) {
            return null;
        }
        LocalCache<T> cache = ownCache();
        T object = create();
        if (object == null) {
            return null;
        }
        PoolEntry<T> entry = new PoolEntry<>(this, object);
        if (!depot.admit(entry, cache)) {
            entry.setGone();
            disposeOf(entry);
            throw new IllegalStateException("pool " + name + " was closed while it made an object");
        }
        return lease(entry, cache);
    }

    private @Nullable T create() {
        T object = null;
        try {
            object = create.get();
        } finally {
            if (object == null) {
                depot.cancelPlace();
            }
        }
        return object;
    }

    /** Leases an idle object from wherever it is; null if there is none. */
    @Nullable
    H steal() {
        LocalCache<T> cache = ownCache();
        PoolEntry<T> entry = depot.steal(cache);
        return entry == null ? null : lease(entry, cache);
    }

    private H lease(PoolEntry<T> entry, @Nullable LocalCache<T> cache) {
        if (entry.cache != cache) {
            entry.cache = cache;
        }
        long held = entry.held();
        if (leakTracker != null && leakTracker.isNextTracked()) {
            H handle = newHandle.apply(entry);
            handle.held = held;
            leakTracker.track(handle, name);
            return handle;
        }
        // Only newHandle's results are ever put there.
        @SuppressWarnings("unchecked")
        H handle = (H) entry.handle(held);
        if (handle == null) {
            handle = newHandle.apply(entry);
            entry.setHandle(held, handle);
        }
        handle.held = held;
        return handle;
    }

    /** Ends the lease that is known by this state; throws if it has ended already. */
    void giveBack(PoolEntry<T> entry, long held) {
        long from = held;
        if (reset != null) {
            from = PoolEntry.with(held, PoolEntry.RETURNING);
            if (!entry.change(held, from)) {
                giveBackUnusual(entry, held);
                return;
            }
            reset(entry, reset);
        }
        LocalCache<T> cache = entry.cache;
        if (cache == null || !cache.isCurrentThreads()) {
            cache = ownCache();
        }
        if (cache == null) {
            shelve(entry, from);
        } else if (entry.change(from, PoolEntry.with(from, PoolEntry.IDLE_LOCAL))) {
            cache.countReleased();
            park(entry, cache);
        } else {
            giveBackUnusual(entry, from);
        }
    }

    /** Gives back without a cache. */
    void shelve(PoolEntry<T> entry, long from) {
        if (!depot.shelve(entry, from)) {
            giveBackUnusual(entry, from);
        }
    }

    private void park(PoolEntry<T> entry, LocalCache<T> cache) {
        if (!cache.push(entry)) {
            depot.spill(cache);
            if (!cache.push(entry)) {
                throw new AssertionError("a cache is full after it was spilled");
            }
        }
    }

    private void reset(PoolEntry<T> entry, Consumer<? super T> by) {
        try {
            by.accept(Objects.requireNonNull(entry.object()));
        } catch (Throwable e) {
            entry.setGone();
            try {
                retire(entry, false);
            } catch (Throwable disposeFailure) {
                e.addSuppressed(disposeFailure);
            }
            throw e;
        }
    }

    /** Either the pool has closed, or the lease has ended already. */
    private void giveBackUnusual(PoolEntry<T> entry, long from) {
        if (!entry.change(from | PoolEntry.CLOSING, PoolEntry.with(from, PoolEntry.GONE))) {
            throw new IllegalStateException("a lease of pool " + name + " was given back twice");
        }
        retire(entry, false);
    }

    /** Takes from a lease that nobody can close any more what it holds; false if it was closed. */
    boolean claimLeaked(PoolEntry<T> entry, long held) {
        long gone = PoolEntry.with(held, PoolEntry.GONE);
        return entry.change(held, gone) || entry.change(held | PoolEntry.CLOSING, gone);
    }

    /** Unlists an entry that is gone and disposes of its object. */
    void retire(PoolEntry<T> entry, boolean leak) {
        depot.remove(entry, leak);
        disposeOf(entry);
    }

    /** Drops what has been idle for some time; returns how many. */
    int trim(long idleNanos, int minIdle, int limit) {
        List<PoolEntry<T>> victims = depot.trim(nanoClock.getAsLong(), idleNanos, minIdle, limit);
        disposeOfAll(victims);
        return victims.size();
    }

    void close() {
        disposeOfAll(depot.close());
    }

    private void disposeOfAll(List<PoolEntry<T>> entries) {
        Throwable failure = null;
        for (PoolEntry<T> entry : entries) {
            try {
                disposeOf(entry);
            } catch (Throwable e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** The place is free only once the object is no more, so that there are never too many. */
    private void disposeOf(PoolEntry<T> entry) {
        try {
            dispose.accept(Objects.requireNonNull(entry.takeObject()));
        } finally {
            depot.freePlace();
        }
    }

    void requireOwn(PoolHandle<?> lease) {
        if (lease.entry.core != this) {
            throw new IllegalArgumentException(
                    "lease: of pool " + lease.entry.core.name() + ", was given back to pool " + name);
        }
    }

    void countExhausted() {
        depot.countExhausted();
    }

    PoolStats stats() {
        return depot.stats();
    }

    private @Nullable LocalCache<T> ownCache() {
        if (VirtualThreads.isVirtual(Thread.currentThread())) {
            return null;
        }
        WeakReference<LocalCache<T>> cache = caches.get();
        return cache == null ? null : cache.get();
    }

    private LocalCache<T> newCache() {
        LocalCache<T> cache = depot.newCache();
        caches.set(new WeakReference<>(cache));
        return cache;
    }
}
