package io.millio.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One object of a pool, its state word, and the handles it is leased by.
 *
 * <pre>
 *                  take from a thread's cache, or steal
 *   IDLE_LOCAL  ------------------------------------------&gt;  LEASED ----------+
 *     |    ^                                                   |  ^           | give back, reset
 *     | spill, refill                                          |  |           v
 *     v    |                                    take           |  |       RETURNING
 *   IDLE_SHARED  ----------------------------------------------|--+           |
 *     |    ^                                                   |              |
 *     |    +------------ give back ----------------------------+--------------+
 *     |
 *     +-- trim, close --&gt; GONE &lt;-- give back to a closed pool, leak, reset has failed
 * </pre>
 *
 * <p>The word also has the number of the lease, so what was read before a lease is never taken for what is there after
 * it: no compare-and-set succeeds across a lease that it has not seen. CLOSING is set on what is leased or returning
 * when the pool closes: it makes the fast path of giving back fail, which hence need not look whether the pool is open.
 *
 * <p>Any thread. IDLE_SHARED is entered and left under the depot's lock only. Whoever brings the word to LEASED,
 * RETURNING or GONE owns the other fields until it moves on; each transition is volatile, so that the next owner sees
 * what the last one wrote.
 */
final class PoolEntry<T> {
    static final int IDLE_LOCAL = 0;
    static final int IDLE_SHARED = 1;
    static final int LEASED = 2;
    static final int RETURNING = 3;
    static final int GONE = 4;
    static final int CLOSING = 8;

    private static final int KIND_MASK = 7;
    private static final int LEASE_SHIFT = 4;
    private static final long LEASE_MASK = -1L << LEASE_SHIFT;

    /** How many handles an object has; a power of two. */
    private static final int HANDLES = 4;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(PoolEntry.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final PoolCore<T, ?> core;

    // Changed by compare-and-set; stored only by an owner that nobody can race with.
    private volatile long state = nextLease(0);

    // The owner's; null once disposed.
    private @Nullable T object;

    // The owner's. Each lease takes the next handle, so that a former holder's handle is not the present holder's.
    private final @Nullable PoolHandle<T>[] handles;

    /** The cache of the thread that took this entry, null if it has none. The owner's. */
    @Nullable
    LocalCache<T> cache;

    /** Place in the depot's list of all. Guarded by the depot. */
    int index;

    /** The state in which a trim first found this entry idle. Guarded by the depot. */
    long seenState;

    /** When a trim first found this entry in {@link #seenState}. Guarded by the depot. */
    long seenNanos;

    /** Makes an entry that is leased to the caller. */
    @SuppressWarnings("unchecked")
    PoolEntry(PoolCore<T, ?> core, T object) {
        this.core = core;
        this.object = object;
        handles = (PoolHandle<T>[]) new PoolHandle<?>[HANDLES];
    }

    long state() {
        return state;
    }

    static int kind(long state) {
        return (int) state & KIND_MASK;
    }

    static boolean isIdle(long state) {
        return kind(state) <= IDLE_SHARED;
    }

    /** The same lease, another kind, and not closing. */
    static long with(long state, int kind) {
        return (state & LEASE_MASK) | kind;
    }

    private static long nextLease(long state) {
        return (state & LEASE_MASK) + (1 << LEASE_SHIFT) | LEASED;
    }

    boolean change(long from, long to) {
        return STATE.compareAndSet(this, from, to);
    }

    /** Takes the entry, if it is idle in this way. */
    boolean claim(int idleKind) {
        long s = state;
        return kind(s) == idleKind && change(s, nextLease(s));
    }

    /** Moves the entry from one way of being idle to the other, if it still is idle in the first. */
    boolean move(int fromKind, int toKind) {
        long s = state;
        return kind(s) == fromKind && change(s, with(s, toKind));
    }

    /** Ends the entry, for its owner. */
    void setGone() {
        state = with(state, GONE);
    }

    /** The state that the present lease is known by. */
    long held() {
        return state & ~CLOSING;
    }

    boolean isHeld(long held) {
        return (state & ~CLOSING) == held;
    }

    @Nullable
    T object() {
        return object;
    }

    /** Lets go of the object, for the one who is to dispose of it. */
    @Nullable
    T takeObject() {
        T taken = object;
        object = null;
        return taken;
    }

    @Nullable
    PoolHandle<T> handle(long held) {
        return handles[handleIndex(held)];
    }

    void setHandle(long held, PoolHandle<T> handle) {
        handles[handleIndex(held)] = handle;
    }

    private static int handleIndex(long held) {
        return (int) (held >>> LEASE_SHIFT) & (HANDLES - 1);
    }
}
