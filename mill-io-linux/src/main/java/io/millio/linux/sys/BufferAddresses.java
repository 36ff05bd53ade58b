package io.millio.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the memory of direct buffers is. The platform has that of a {@link MemorySegment} only, and to make one for
 * each call costs objects as soon as a process has made some for buffers of several kinds: then the compiler no longer
 * gets rid of them. So the answer is kept, for as long as the buffer lives.
 *
 * <p>A hash table by identity with weak references, open addressing, at most half full. A look takes no lock: an entry
 * never changes, and it is right for the buffer that it refers to, so that whatever state of the table a look finds, it
 * finds the address of just that buffer or none, and asks the platform. A buffer that comes once, such as a duplicate
 * made for one call, gets no entry. Expected constant time. Any thread.
 */
public final class BufferAddresses {
    /** The system can't be given this memory: somebody could close it during the call. */
    public static final long NONE = 0;

    /** What the buffer's index 0 is at, or {@link #NONE}. */
    private static final class Entry extends WeakReference<ByteBuffer> {
        final int hash;
        final long address;

        Entry(ByteBuffer buffer, int hash, long address) {
            super(buffer);
            this.hash = hash;
            this.address = address;
        }
    }

    private static final int SEEN = 1024;
    private static final int FEWEST = 64;

    // The memory of a buffer of these classes of scope stays while the buffer is reachable.
    private static final Class<?> DIRECT = scopeOf(ByteBuffer.allocateDirect(1));
    private static final Class<?> GLOBAL = Arena.global().scope().getClass();
    private static final Class<?> AUTO = Arena.ofAuto().scope().getClass();

    // Should a Java come that has one class for all, everything is copied.
    private static final boolean TOLD_APART = toldApart();

    // Changed under the lock of the class; read without, see above. Its elements are published by their final fields,
    // and a weak reference that is seen before its referent is one to nothing.
    private static volatile @Nullable Entry[] table = new Entry[FEWEST];
    private static int entries; // guarded by the class

    // The hashes of buffers that have come, as far as they have room. Hints, written without order: a lost one costs
    // another asking.
    private static final int[] SEEN_ONCE = new int[SEEN];

    private BufferAddresses() {}

    private static Class<?> scopeOf(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer).scope().getClass();
    }

    private static boolean toldApart() {
        try (Arena confined = Arena.ofConfined();
                Arena shared = Arena.ofShared()) {
            return !stays(confined.scope().getClass()) && !stays(shared.scope().getClass());
        }
    }

    private static boolean stays(Class<?> scope) {
        return scope == DIRECT || scope == GLOBAL || scope == AUTO;
    }

    /**
     * The address of the first byte of a direct buffer, whatever its position; {@link #NONE} if its bytes must be
     * copied. The memory up to the buffer's capacity stays where it is while the buffer is reachable: a caller that
     * uses the address keeps it so.
     */
    public static long of(ByteBuffer buffer) {
        int hash = System.identityHashCode(buffer);
        @Nullable Entry[] known = table;
        for (int i = hash; ; i++) {
            Entry entry = known[i & known.length - 1];
            if (entry == null) {
                return ask(buffer, hash);
            }
            if (entry.refersTo(buffer)) {
                return entry.address;
            }
        }
    }

    private static long ask(ByteBuffer buffer, int hash) {
        // Of all of it, and of an object that no other thread has: so that its position is not moved meanwhile.
        MemorySegment memory = MemorySegment.ofBuffer(buffer.duplicate().clear());
        long address = memory.isNative() && TOLD_APART && stays(memory.scope().getClass()) ? memory.address() : NONE;
        int place = hash & SEEN - 1;
        if (SEEN_ONCE[place] == hash) {
            keep(buffer, hash, address);
        } else {
            SEEN_ONCE[place] = hash;
        }
        return address;
    }

    private static synchronized void keep(ByteBuffer buffer, int hash, long address) {
        @Nullable Entry[] known = table;
        if (entries >= known.length / 2) {
            known = withoutTheDead(known);
            table = known;
        }
        int i = hash & known.length - 1;
        for (Entry entry; (entry = known[i]) != null; i = i + 1 & known.length - 1) {
            if (entry.refersTo(buffer)) {
                return; // another thread was first
            }
        }
        known[i] = new Entry(buffer, hash, address);
        entries++;
    }

    /** A table with room for as many again as live. The caller holds the lock. */
    private static @Nullable Entry[] withoutTheDead(@Nullable Entry[] old) {
        int live = 0;
        for (Entry entry : old) {
            live += entry == null || entry.refersTo(null) ? 0 : 1;
        }
        int size = Math.max(FEWEST, Integer.highestOneBit(Math.max(1, live)) * 8);
        @Nullable Entry[] made = new Entry[size];
        int moved = 0;
        for (Entry entry : old) {
            if (entry != null && !entry.refersTo(null)) {
                int i = entry.hash & size - 1;
                while (made[i] != null) {
                    i = i + 1 & size - 1;
                }
                made[i] = entry;
                moved++;
            }
        }
        entries = moved;
        return made;
    }

    /** For tests: how many entries there are, those of buffers that are gone among them. */
    public static synchronized int count() {
        return entries;
    }
}
