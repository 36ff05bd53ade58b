package io.millio.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The memory addresses of direct buffers. The platform has that of a {@link MemorySegment} only, and creating one for
 * each call allocates as soon as a process has created some for buffers of several kinds: then the compiler no longer
 * eliminates the allocation. So the address is cached, for as long as the buffer lives.
 *
 * <p>A set-associative cache by identity, with weak references. It takes no lock: an entry never changes, and it is
 * right for the buffer that it refers to, so that a lookup finds the address of just that buffer, or nothing, and the
 * platform is asked. A buffer that is used once, such as a duplicate made for one call, gets no entry. Constant time.
 * Any thread.
 */
public final class BufferAddresses {
    /** No address: the memory can't be passed to the system, as another thread could close its arena during it. */
    public static final long NONE = 0;

    /** The address of the buffer's index 0, or {@link #NONE}. */
    private static final class Entry extends WeakReference<ByteBuffer> {
        final long address;

        Entry(ByteBuffer buffer, long address) {
            super(buffer);
            this.address = address;
        }
    }

    private static final int SEEN = 1024;
    private static final int SIZE = 1 << 14;
    private static final int WAYS = 4;

    // The memory of a buffer of these classes of scope stays while the buffer is reachable.
    private static final Class<?> DIRECT = scopeOf(ByteBuffer.allocateDirect(1));
    private static final Class<?> GLOBAL = Arena.global().scope().getClass();
    private static final Class<?> AUTO = Arena.ofAuto().scope().getClass();

    // On a future Java version that has one class for all, everything is copied.
    private static final boolean DISTINCT = areScopesDistinct();

    // Written without order: its elements are published by their final fields, a weak reference that is seen before its
    // referent is one to nothing, and a lost one costs another lookup by the platform.
    private static final @Nullable Entry[] CACHE = new Entry[SIZE];

    // The hashes of buffers seen once, as far as there is room. Hints, written without order too.
    private static final int[] SEEN_ONCE = new int[SEEN];

    private BufferAddresses() {}

    private static Class<?> scopeOf(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer).scope().getClass();
    }

    private static boolean areScopesDistinct() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            return !stays(confined.scope().getClass()) && !stays(shared.scope().getClass());
        }
    }

    private static boolean stays(Class<?> scope) {
        return scope == DIRECT || scope == GLOBAL || scope == AUTO;
    }

    /**
     * Returns the address of the first byte of a direct buffer, whatever its position; {@link #NONE} if its bytes must
     * be copied. The memory up to the buffer's capacity stays where it is while the buffer is reachable: a caller that
     * uses the address keeps it so.
     */
    public static long of(ByteBuffer buffer) {
        int hash = System.identityHashCode(buffer);
        int first = hash * WAYS & SIZE - 1;
        for (int i = first; i < first + WAYS; i++) {
            Entry entry = CACHE[i];
            if (entry != null && entry.refersTo(buffer)) {
                return entry.address;
            }
        }
        return ask(buffer, hash, first);
    }

    private static long ask(ByteBuffer buffer, int hash, int first) {
        // Of all of it, and of an object that no other thread has: so that its position is not moved meanwhile.
        MemorySegment memory = MemorySegment.ofBuffer(buffer.duplicate().clear());
        long address = memory.isNative() && DISTINCT && stays(memory.scope().getClass()) ? memory.address() : NONE;
        int place = hash & SEEN - 1;
        if (SEEN_ONCE[place] == hash) {
            CACHE[place(first, hash)] = new Entry(buffer, address);
        } else {
            SEEN_ONCE[place] = hash;
        }
        return address;
    }

    /** One that is free or of a buffer that is gone; else any. */
    private static int place(int first, int hash) {
        for (int i = first; i < first + WAYS; i++) {
            Entry entry = CACHE[i];
            if (entry == null || entry.refersTo(null)) {
                return i;
            }
        }
        return first + Integer.remainderUnsigned(hash / SIZE, WAYS);
    }

    /** For tests: how many entries there are, those of buffers that are gone among them. */
    public static long count() {
        return Arrays.stream(CACHE).filter(Objects::nonNull).count();
    }
}
