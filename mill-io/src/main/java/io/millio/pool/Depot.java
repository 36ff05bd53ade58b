package io.millio.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * The idea. Per-thread magazines over a shared depot: J. Bonwick and J. Adams, "Magazines and Vmem: Extending the Slab
 * Allocator to Many CPUs and Arbitrary Resources", USENIX 2001. Entries go between a thread's cache and the shelf by
 * the half cache, so the lock is taken once for many leases. What a cache holds is not out of reach: its entries are in
 * the state IDLE_LOCAL, and when nothing else is left the depot claims one from the list of all, in competition with
 * the cache's owner.
 *
 * That nothing is idle is known only if it was so at one moment. The counters of all caches tell: if none has moved
 * while the depot looked at all entries, what it saw was one picture. A thread counts a return before it takes anything
 * else, so an entry that came back behind the depot's eyes has moved a counter.
 */

/**
 * What the threads of a pool share: the list of all entries, the shelf of idle ones that are in no thread's cache, the
 * count of places, and the sum of what was done.
 *
 * <p>Any thread; each method holds the lock of the depot, and calls no code of the user. A monitor rather than a
 * {@code Lock}, which allocates a node when threads compete for it.
 */
final class Depot<T> {
    private static final int INITIAL_CAPACITY = 16;

    private final String name;
    private final int maxSize;

    // All guarded by this.
    private @Nullable PoolEntry<T>[] all = newArray(INITIAL_CAPACITY);
    private int allSize;
    private @Nullable PoolEntry<T>[] shelf = newArray(INITIAL_CAPACITY);
    private int shelfSize;
    private final List<LocalCache<T>> caches = new ArrayList<>();
    private int nextVictim;

    /** Objects that exist, and those being created or disposed of. */
    private int places;

    private boolean closed;
    private long created;
    private long disposed;
    private long exhausted;
    private long leaked;

    /** What was acquired without a cache or by threads that are dead. */
    private long acquired;

    /** What was given back without a cache or by threads that are dead. */
    private long released;

    Depot(String name, int maxSize) {
        this.name = name;
        this.maxSize = maxSize;
    }

    @SuppressWarnings("unchecked")
    private static <T> @Nullable PoolEntry<T>[] newArray(int length) {
        return (PoolEntry<T>[]) new PoolEntry<?>[length];
    }

    synchronized LocalCache<T> newCache() {
        adoptOrphans();
        LocalCache<T> cache = new LocalCache<>(Thread.currentThread());
        caches.add(cache);
        return cache;
    }

    /** Takes an entry off the shelf, and if the caller has a cache, which is empty then, some more for it. */
    synchronized @Nullable PoolEntry<T> take(@Nullable LocalCache<T> cache) {
        requireOpen();
        PoolEntry<T> entry = takeFromShelf(cache);
        if (entry != null && cache != null) {
            // Not all, for others may come as well.
            for (int more = Math.min(LocalCache.CAPACITY / 2, shelfSize / 2); more > 0; more--) {
                PoolEntry<T> next = popShelf();
                if (next.move(PoolEntry.IDLE_SHARED, PoolEntry.IDLE_LOCAL) && !cache.push(next)) {
                    throw new AssertionError("a cache that is not empty was refilled");
                }
            }
        }
        return entry;
    }

    private @Nullable PoolEntry<T> takeFromShelf(@Nullable LocalCache<T> cache) {
        if (shelfSize == 0) {
            return null;
        }
        PoolEntry<T> entry = popShelf();
        if (!entry.claim(PoolEntry.IDLE_SHARED)) {
            throw new AssertionError("what is on the shelf must be idle");
        }
        countAcquired(cache);
        return entry;
    }

    /**
     * Takes any idle entry, from wherever it is. Null means that at one moment of the call none was idle, those
     * excepted whose return was still under way. O(caches) if all are leased, else O(entries).
     */
    synchronized @Nullable PoolEntry<T> steal(@Nullable LocalCache<T> cache) {
        requireOpen();
        adoptOrphans();
        while (true) {
            PoolEntry<T> entry = takeFromShelf(cache);
            if (entry != null) {
                return entry;
            }
            long acquiredBefore = sumAcquired();
            long releasedBefore = sumReleased();
            if (allSize - leased(acquiredBefore, releasedBefore) > 0) {
                entry = claimLocal();
                if (entry != null) {
                    countAcquired(cache);
                    return entry;
                }
            }
            if (sumAcquired() == acquiredBefore && sumReleased() == releasedBefore) {
                return null;
            }
        }
    }

    private @Nullable PoolEntry<T> claimLocal() {
        for (int i = 0; i < allSize; i++) {
            // Not always the same first, or one thread's cache would be robbed each time.
            nextVictim = nextVictim + 1 < allSize ? nextVictim + 1 : 0;
            PoolEntry<T> entry = all[nextVictim];
            if (entry != null && entry.claim(PoolEntry.IDLE_LOCAL)) {
                return entry;
            }
        }
        return null;
    }

    /** Counts a place in, before an object is made; false if the pool is full. */
    synchronized boolean reservePlace() {
        requireOpen();
        if (places == maxSize) {
            return false;
        }
        places++;
        return true;
    }

    /** Gives back a place for which no object could be made. */
    synchronized void cancelPlace() {
        places--;
    }

    /** Lists a new entry, leased to the caller; false if the pool has been closed meanwhile. */
    synchronized boolean admit(PoolEntry<T> entry, @Nullable LocalCache<T> cache) {
        created++;
        if (closed) {
            return false;
        }
        if (allSize == all.length) {
            int length = allSize + (allSize >> 1);
            // Both at once: giving back must not allocate.
            PoolEntry<T>[] longerShelf = Arrays.copyOf(shelf, length);
            all = Arrays.copyOf(all, length);
            shelf = longerShelf;
        }
        entry.index = allSize;
        all[allSize++] = entry;
        countAcquired(cache);
        return true;
    }

    /** Gives an entry back without a cache; false if its state is not the one named. */
    synchronized boolean shelve(PoolEntry<T> entry, long from) {
        if (!entry.change(from, PoolEntry.with(from, PoolEntry.IDLE_SHARED))) {
            return false;
        }
        shelf[shelfSize++] = entry;
        released++;
        return true;
    }

    /** Moves the colder half of a full cache to the shelf. */
    synchronized void spill(LocalCache<T> cache) {
        int half = LocalCache.CAPACITY / 2;
        for (int i = 0; i < half; i++) {
            shelveLocal(cache.oldest(i));
        }
        cache.dropOldest(half);
    }

    private void shelveLocal(@Nullable PoolEntry<T> entry) {
        if (entry != null && entry.move(PoolEntry.IDLE_LOCAL, PoolEntry.IDLE_SHARED)) {
            shelf[shelfSize++] = entry;
        }
    }

    /** Unlists an entry that is gone, its object being disposed of instead of given back; its place stays taken. */
    synchronized void remove(PoolEntry<T> entry, boolean leak) {
        unlist(entry);
        if (leak) {
            leaked++;
        } else {
            released++;
        }
    }

    private void unlist(PoolEntry<T> entry) {
        PoolEntry<T> last = all[--allSize];
        all[allSize] = null;
        if (last != null && last != entry) {
            all[entry.index] = last;
            last.index = entry.index;
        }
    }

    /** Frees the place of an object that has been disposed of. */
    synchronized void freePlace() {
        places--;
        disposed++;
    }

    /**
     * Ends and unlists entries that have been idle for some time, as seen by this and earlier calls. O(entries).
     *
     * @param minIdle how many may stay idle at least
     * @param limit how many to end at most
     * @return the entries, whose objects are to be disposed of
     */
    synchronized List<PoolEntry<T>> trim(long nowNanos, long idleNanos, int minIdle, int limit) {
        adoptOrphans();
        int idle = 0;
        for (int i = 0; i < allSize; i++) {
            idle += isIdle(all[i]) ? 1 : 0;
        }
        List<PoolEntry<T>> victims = new ArrayList<>();
        int spare = Math.min(idle - minIdle, limit);
        // Backwards, as the last entry takes the place of one that is removed.
        for (int i = allSize - 1; i >= 0; i--) {
            PoolEntry<T> entry = all[i];
            if (entry != null && isIdleFor(entry, nowNanos, idleNanos) && victims.size() < spare) {
                // Fails if the entry has been taken since, even if it is idle again.
                if (entry.change(entry.seenState, PoolEntry.with(entry.seenState, PoolEntry.GONE))) {
                    unlist(entry);
                    victims.add(entry);
                }
            }
        }
        tidyShelf();
        return victims;
    }

    private static boolean isIdle(@Nullable PoolEntry<?> entry) {
        return entry != null && PoolEntry.isIdle(entry.state());
    }

    private static boolean isIdleFor(PoolEntry<?> entry, long nowNanos, long idleNanos) {
        long state = entry.state();
        if (!PoolEntry.isIdle(state)) {
            return false;
        }
        if (PoolEntry.with(state, PoolEntry.GONE) != PoolEntry.with(entry.seenState, PoolEntry.GONE)) {
            entry.seenNanos = nowNanos;
        }
        entry.seenState = state;
        return nowNanos - entry.seenNanos >= idleNanos;
    }

    private void tidyShelf() {
        int kept = 0;
        for (int i = 0; i < shelfSize; i++) {
            PoolEntry<T> entry = shelf[i];
            if (isIdle(entry)) {
                shelf[kept++] = entry;
            }
        }
        Arrays.fill(shelf, kept, shelfSize, null);
        shelfSize = kept;
    }

    /** Closes: ends what is idle, and marks what is leased so that giving it back is noticed. O(entries). */
    synchronized List<PoolEntry<T>> close() {
        List<PoolEntry<T>> victims = new ArrayList<>();
        if (closed) {
            return victims;
        }
        closed = true;
        for (int i = allSize - 1; i >= 0; i--) {
            PoolEntry<T> entry = all[i];
            if (entry != null && endOrMark(entry)) {
                unlist(entry);
                victims.add(entry);
            }
        }
        tidyShelf();
        return victims;
    }

    private static boolean endOrMark(PoolEntry<?> entry) {
        while (true) {
            long s = entry.state();
            if (PoolEntry.kind(s) == PoolEntry.GONE) {
                return false;
            }
            boolean idle = PoolEntry.isIdle(s);
            if (entry.change(s, idle ? PoolEntry.with(s, PoolEntry.GONE) : s | PoolEntry.CLOSING)) {
                return idle;
            }
        }
    }

    private PoolEntry<T> popShelf() {
        PoolEntry<T> entry = shelf[--shelfSize];
        shelf[shelfSize] = null;
        if (entry == null) {
            throw new AssertionError("the shelf has a hole");
        }
        return entry;
    }

    /** Takes over what dead threads had: counts and entries. */
    private void adoptOrphans() {
        for (int i = caches.size() - 1; i >= 0; i--) {
            LocalCache<T> cache = caches.get(i);
            if (cache.isOwnerDead()) {
                acquired += cache.acquired();
                released += cache.released();
                for (PoolEntry<T> entry; (entry = cache.pop()) != null; ) {
                    shelveLocal(entry);
                }
                caches.set(i, caches.get(caches.size() - 1));
                caches.remove(caches.size() - 1);
            }
        }
    }

    private void countAcquired(@Nullable LocalCache<T> cache) {
        if (cache == null) {
            acquired++;
        } else {
            cache.countAcquired();
        }
    }

    private long sumAcquired() {
        long sum = acquired;
        // By index: an iterator would be garbage.
        for (int i = 0; i < caches.size(); i++) {
            sum += caches.get(i).acquired();
        }
        return sum;
    }

    private long sumReleased() {
        long sum = released;
        for (int i = 0; i < caches.size(); i++) {
            sum += caches.get(i).released();
        }
        return sum;
    }

    private long leased(long sumAcquired, long sumReleased) {
        return sumAcquired - sumReleased - leaked;
    }

    synchronized void countExhausted() {
        exhausted++;
    }

    synchronized PoolStats stats() {
        // First what came back, so that nothing seems to have come back that was not taken.
        long sumReleased = sumReleased();
        long sumAcquired = sumAcquired();
        int leased = (int) Math.min(leased(sumAcquired, sumReleased), allSize);
        return new PoolStats(created, leased, allSize - leased, sumAcquired, sumReleased, disposed, exhausted, leaked);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("pool " + name + " is closed");
        }
    }
}
