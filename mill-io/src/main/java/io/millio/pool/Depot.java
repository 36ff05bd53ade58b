package io.millio.pool;

import io.millio.internal.VirtualThreads;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * The idea. Per-thread magazines over a shared depot: J. Bonwick and J. Adams, "Magazines and Vmem: Extending the Slab
 * Allocator to Many CPUs and Arbitrary Resources", USENIX 2001. Entries go between a thread's cache and the shelf by
 * the half cache, so the lock is taken once for many leases.
 */

/**
 * What the threads of a pool share: the list of all entries, the shelf of idle ones that are in no thread's cache, the
 * table of caches, and the number of objects.
 *
 * <p>A thread's cache is at its identifier's place in a table of fixed size: memory is bounded however many threads
 * there are. A thread whose place is taken by another live thread uses the shelf, as virtual threads do. The caches of
 * dead threads are emptied when the next cache is made, at the bound, and by trims.
 *
 * <p>Any thread; each method holds the depot's lock unless it says otherwise, and calls no code of the user. A monitor
 * rather than a {@code Lock}, which allocates a node when threads compete for it.
 */
final class Depot<T> {
    /** A power of two. */
    private static final int CACHES = 64;

    private final PoolSettings<T> settings;

    // Written under the lock. A thread may read its place without: it recognizes only what it has written itself.
    final @Nullable LocalCache<T>[] caches;

    // All guarded by this. The shelf has room for all: giving back must not allocate.
    private final List<PoolEntry<T>> all = new ArrayList<>();
    private final ArrayList<PoolEntry<T>> shelf = new ArrayList<>();
    private int nextVictim;

    /** Objects that exist, and those being created or disposed of. */
    private int places;

    private boolean closed;
    private long created;
    private long disposed;
    private long exhausted;
    private long leaked;

    /** Leases of entries that have been removed. */
    private long formerLeases;

    @SuppressWarnings("unchecked")
    Depot(PoolSettings<T> settings) {
        this.settings = settings;
        caches = (LocalCache<T>[]) new LocalCache<?>[CACHES];
    }

    /** Returns a thread's index in the table of caches. Without the lock. */
    static int place(Thread thread) {
        return (int) thread.getId() & (CACHES - 1);
    }

    /** Makes a cache for the calling thread, if it is a platform thread and its place is free. */
    synchronized @Nullable LocalCache<T> newCache() {
        Thread thread = Thread.currentThread();
        emptyDeadCaches();
        if (VirtualThreads.isVirtual(thread) || caches[place(thread)] != null) {
            return null;
        }
        LocalCache<T> cache = new LocalCache<>(thread, settings.isPlain());
        caches[place(thread)] = cache;
        return cache;
    }

    private void emptyDeadCaches() {
        for (int i = 0; i < CACHES; i++) {
            LocalCache<T> cache = caches[i];
            if (cache != null && !cache.owner.isAlive()) {
                cache.spill(LocalCache.CAPACITY, this);
                caches[i] = null;
            }
        }
    }

    /** Takes an entry off the shelf, and moves some more to the caller's cache, if it has one. */
    synchronized @Nullable PoolHandle<T> take(@Nullable LocalCache<T> cache) {
        requireOpen();
        if (cache != null) {
            // Not all, for others may come as well; and first, so that nothing can fail once an entry is claimed.
            for (int i = Math.min(LocalCache.CAPACITY / 2, (shelf.size() - 1) / 2); i > 0 && !cache.isFull(); i--) {
                cache.push(popShelf());
            }
        }
        return claimShelved(cache);
    }

    private @Nullable PoolHandle<T> claimShelved(@Nullable LocalCache<T> cache) {
        PoolHandle<T> lease = null;
        while (lease == null && !shelf.isEmpty()) {
            lease = popShelf().claim(cache);
        }
        return lease;
    }

    private PoolEntry<T> popShelf() {
        PoolEntry<T> entry = shelf.remove(shelf.size() - 1);
        entry.shelved = false;
        return entry;
    }

    /** Lists an entry on the shelf, unless it is there already. */
    void shelve(PoolEntry<T> entry) {
        assert Thread.holdsLock(this);
        if (!entry.shelved && entry.is(PoolEntry.IDLE)) {
            entry.shelved = true;
            shelf.add(entry);
        }
    }

    /**
     * Takes any idle entry, in whatever cache it is. Null means that at one moment of the call none was idle: all were
     * seen leased, and no lease has begun since before. O(entries).
     */
    synchronized @Nullable PoolHandle<T> steal(@Nullable LocalCache<T> cache) {
        requireOpen();
        emptyDeadCaches();
        while (true) {
            long leasesBefore = leases();
            PoolHandle<T> lease = claimShelved(cache);
            for (int i = 0; lease == null && i < all.size(); i++) {
                // Not always the same first, or one thread's cache would be robbed each time.
                nextVictim = nextVictim + 1 < all.size() ? nextVictim + 1 : 0;
                lease = all.get(nextVictim).claim(cache);
            }
            if (lease != null || leases() == leasesBefore) {
                return lease;
            }
        }
    }

    private long leases() {
        long sum = formerLeases;
        // By index: an iterator would be garbage.
        for (int i = 0; i < all.size(); i++) {
            sum += all.get(i).leases();
        }
        return sum;
    }

    /** Reserves a place before an object is made; false if the pool is full. */
    synchronized boolean reservePlace() {
        requireOpen();
        if (places == settings.maxSize()) {
            return false;
        }
        places++;
        return true;
    }

    /** Lists a new entry, leased to the caller; false if the pool has been closed meanwhile. */
    synchronized boolean admit(PoolEntry<T> entry) {
        if (all.size() > 2 * places) {
            removeGone();
        }
        shelf.ensureCapacity(all.size() + 1);
        created++;
        return !closed && all.add(entry);
    }

    /** Lists an entry that was given back to no cache or a full one, and moves the colder half of that to the shelf. */
    synchronized void giveBack(PoolEntry<T> entry, @Nullable LocalCache<T> full) {
        shelve(entry);
        if (full != null) {
            full.spill(LocalCache.CAPACITY / 2, this);
        }
    }

    synchronized void countLeak() {
        leaked++;
    }

    /** Removes the entries that are gone from both lists. O(entries). */
    private void removeGone() {
        all.removeIf(this::countIfGone);
        shelf.removeIf(entry -> entry.is(PoolEntry.GONE)); // afterwards, so that the shelf lists no more than all
    }

    private boolean countIfGone(PoolEntry<T> entry) {
        boolean gone = entry.is(PoolEntry.GONE);
        formerLeases += gone ? entry.leases() : 0;
        return gone;
    }

    /** Frees a place, of an object that has been disposed of, or for which none could be made. */
    synchronized void freePlace(boolean ofObject) {
        places--;
        disposed += ofObject ? 1 : 0;
    }

    /**
     * Ends entries that have been idle for some time, as seen by this and earlier calls. O(entries).
     *
     * @param limit how many to end at most
     * @return the entries, whose objects are to be disposed of
     */
    synchronized List<PoolEntry<T>> trim(long nowNanos, long idleNanos, int limit) {
        emptyDeadCaches();
        int spare = Math.min(idle() - settings.minIdle(), limit);
        List<PoolEntry<T>> victims = new ArrayList<>(Math.max(0, spare));
        for (PoolEntry<T> entry : all) {
            if (victims.size() < spare && entry.endIfIdle(nowNanos, idleNanos)) {
                victims.add(entry);
            }
        }
        removeGone();
        return victims;
    }

    /** Closes the pool; returns the entries that were idle, whose objects are to be disposed of. */
    synchronized List<PoolEntry<T>> close() {
        List<PoolEntry<T>> idle = new ArrayList<>(all.size());
        closed = true;
        for (PoolEntry<T> entry : all) {
            if (entry.endOrMark()) {
                idle.add(entry);
            }
        }
        removeGone();
        return idle;
    }

    private int idle() {
        int idle = 0;
        for (int i = 0; i < all.size(); i++) { // memory may be scarce
            idle += all.get(i).is(PoolEntry.IDLE) ? 1 : 0;
        }
        return idle;
    }

    synchronized void countExhausted() {
        exhausted++;
    }

    synchronized PoolStats stats() {
        removeGone();
        int idle = idle();
        int leased = all.size() - idle;
        long acquired = leases();
        long released = acquired - leased - leaked;
        return new PoolStats(created, leased, idle, acquired, released, disposed, exhausted, leaked);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("pool " + settings.name() + " is closed");
        }
    }
}
