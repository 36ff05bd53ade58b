package io.millio.pool;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One object of a pool, its state word, and the handles it is leased by.
 *
 * <pre>
 *             claim                        reset (if there is one)
 *   IDLE ---------------&gt; LEASED ------------------&gt; RETURNING
 *    | ^                    |                            |
 *    | +--------------------+----------------------------+
 *    |      give back       |                            |
 *    +-- trim, close --&gt; GONE &lt;-- pool closed, leaked, reset failed
 * </pre>
 *
 * <p>The word, a superclass to save an object, is left by compare-and-set from IDLE; the owner of a lease may store
 * with release. It also has the number of the lease, so a state that was read before a lease never equals a state after
 * it. CLOSING is set on what is leased or returning when the pool closes, so that giving back need not look whether the
 * pool is open.
 *
 * <p>The lists of a pool, which are the caches of threads and the shelf, are hints: the word alone says what is idle,
 * and the one whose compare-and-set takes the word out of IDLE owns the object. So an idle object can be taken, trimmed
 * or disposed of wherever it is listed.
 *
 * <p>Any thread. The thread that brings the word to LEASED, RETURNING or GONE owns the other fields until it moves on;
 * each transition is a release and each claim an acquire, so the next owner sees what the last one wrote.
 */
@SuppressWarnings("serial") // it is never serialized
final class PoolEntry<T> extends AtomicLong {
    static final int IDLE = 0;
    static final int LEASED = 1;
    static final int RETURNING = 2;
    static final int GONE = 3;
    static final int CLOSING = 4;

    private static final int KIND_MASK = 3;
    private static final long NEXT_LEASE = 8;
    private static final long LEASE_MASK = -NEXT_LEASE;

    /** How many handles an object has; a power of two. */
    private static final int HANDLES = 4;

    final ObjectPool<T> pool;

    /** Null once disposed of. The owner's. */
    @Nullable
    T object;

    // Each lease takes the next handle, so that a former holder's handle is not the present holder's. Made with the
    // entry: a lease must not fail for want of memory once the entry is claimed.
    private final PoolHandle<T>[] handles;

    /** Whether the shelf lists this entry. Guarded by the depot. */
    boolean shelved;

    /** The state in which a trim first found this entry idle. Guarded by the depot. */
    long seenState = -1;

    /** When a trim first found this entry in {@link #seenState}. Guarded by the depot. */
    long seenNanos;

    /** Creates an entry that is leased to the caller. */
    @SuppressWarnings("unchecked")
    PoolEntry(ObjectPool<T> pool, T object, Function<PoolEntry<T>, PoolHandle<T>> newHandle) {
        super(LEASED);
        this.pool = pool;
        this.object = object;
        handles = (PoolHandle<T>[]) new PoolHandle<?>[HANDLES];
        Arrays.setAll(handles, i -> newHandle.apply(this));
    }

    private static int kind(long state) {
        return (int) state & KIND_MASK;
    }

    /** Returns how many leases there have been. */
    long leases() {
        return get() / NEXT_LEASE + 1;
    }

    boolean is(int kind) {
        return kind(get()) == kind;
    }

    /** Returns the state of the same lease with another kind, not closing. */
    static long with(long state, int kind) {
        return (state & LEASE_MASK) | kind;
    }

    /** Leases the entry, if it is idle, to a thread with this cache; null if it is not. */
    @Nullable
    PoolHandle<T> claim(@Nullable LocalCache<T> cache) {
        long s = get();
        long next = s + NEXT_LEASE + LEASED;
        // Read first: nothing after the compare-and-set can overtake it, so this way the processor does both at once.
        PoolHandle<T> handle = handles[handleIndex(next)];
        if (kind(s) != IDLE || !compareAndSet(s, next)) {
            return null;
        }
        handle.held = next;
        if (handle.cache != cache) {
            handle.cache = cache;
        }
        return handle;
    }

    /** Drops the object of an entry that is gone, once, and returns it. The owner's. */
    T dropObject() {
        T dropped = Objects.requireNonNull(object); // else its place would be freed twice
        object = null;
        for (PoolHandle<T> each : handles) {
            each.dropObject();
        }
        return dropped;
    }

    /** Returns the handle of the first lease, which is the creator's. */
    PoolHandle<T> firstHandle(@Nullable LocalCache<T> cache) {
        PoolHandle<T> handle = handles[0];
        handle.cache = cache;
        handle.held = LEASED;
        return handle;
    }

    /**
     * Ends a lease by a store; false if it has ended already. Of two threads that end one lease at the same moment both
     * may succeed, and a close at that moment may be overtaken, which matters only with a dispose action.
     */
    boolean end(long held) {
        if (get() != held) {
            return false;
        }
        lazySet(with(held, IDLE));
        return true;
    }

    /**
     * Ends the entry if it has been idle for some time, as seen by this and earlier calls. Under the depot's lock.
     *
     * @return whether this call has ended it
     */
    boolean endIfIdle(long nowNanos, long idleNanos) {
        long s = get();
        if (kind(s) != IDLE) {
            return false;
        }
        if (seenState != s) {
            seenState = s;
            seenNanos = nowNanos;
        }
        return nowNanos - seenNanos >= idleNanos && compareAndSet(s, with(s, GONE));
    }

    /** Ends an idle entry; marks another, to be ended when it comes back. Returns whether it was idle. */
    boolean endOrMark() {
        while (true) {
            long s = get();
            boolean idle = kind(s) == IDLE;
            if (kind(s) == GONE || compareAndSet(s, idle ? with(s, GONE) : s | CLOSING)) {
                return idle;
            }
        }
    }

    /** Ends a lease whose handle is unreachable; false if it was closed. */
    boolean claimLeaked(long held) {
        return compareAndSet(held, with(held, GONE)) || compareAndSet(held | CLOSING, with(held, GONE));
    }

    /** Stores a state of another kind, for the owner. */
    void become(int kind) {
        set(with(get(), kind));
    }

    boolean isHeld(long held) {
        return (get() & ~CLOSING) == held;
    }

    private static int handleIndex(long held) {
        return (int) (held / NEXT_LEASE) & (HANDLES - 1);
    }
}
