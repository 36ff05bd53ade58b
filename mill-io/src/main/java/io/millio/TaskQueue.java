package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What other threads hand to a loop: an unbounded queue of many producers and one consumer, which can be closed so that
 * each offer is either taken or refused.
 *
 * <p>A list of chunks. A producer claims a place in the last chunk by adding to its counter and then stores its task
 * there; the producers that come when a chunk is full link the next one. (The idea of D. Vyukov's queues, with an array
 * in each node.) The counter only grows and a chunk is never used twice, so there is nothing to confuse old with new. A
 * place that is claimed and not stored yet gives no task, but the queue is not empty then: so it is the claim, an
 * atomic addition, that a loop which is about to sleep can't miss, and the task itself need only be stored with
 * release.
 *
 * <p>To close it, the consumer takes the link of the last chunk for a mark, so that no chunk can follow, and then takes
 * all places that are left in the chunk. What was claimed before is in, and drained; what comes after is refused.
 *
 * <p>Cost: O(1), one atomic addition an offer; a chunk of 4 KiB every 1,024 offers is all that it allocates. Order:
 * FIFO for each producer.
 */
final class TaskQueue {
    static final int CHUNK_TASKS = 1024;

    private static final VarHandle CLAIMED;
    private static final VarHandle NEXT;
    private static final VarHandle TAIL;
    private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Runnable[].class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CLAIMED = lookup.findVarHandle(Chunk.class, "claimed", int.class);
            NEXT = lookup.findVarHandle(Chunk.class, "next", Chunk.class);
            TAIL = lookup.findVarHandle(TaskQueue.class, "tail", Chunk.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Chunk {
        // Each place is written once by the producer that claimed it, with release, and read with acquire.
        final @Nullable Runnable[] places;
        // Atomic addition gives each producer a place of its own, and comes before its look at the wake-up word; past
        // the end:
        // full, or closed.
        @SuppressWarnings("unused")
        volatile int claimed;
        // From null to the next chunk or CLOSED, once, by compare-and-set.
        volatile @Nullable Chunk next;

        Chunk(int size) {
            places = new Runnable[size];
        }
    }

    private static final Chunk CLOSED = new Chunk(0);

    private final int chunkTasks;

    // Where producers begin to look for a place: some chunk, only ever moved forward.
    @SuppressWarnings("unused")
    private volatile Chunk tail;

    private final Reader reader;

    /**
     * The consumer's place. An object of its own, with room around it, so that what it writes at each task shares no
     * cache line with what the producers read at each task; for the same reason it keeps the array of the chunk.
     */
    private static final class Reader {
        @SuppressWarnings("unused")
        private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14;

        Chunk chunk;

        @Nullable
        Runnable[] places;

        int place;

        // Once closed: the last chunk, and how many of its places hold or will hold a task.
        @Nullable
        Chunk lastChunk;

        int lastPlaces;

        @SuppressWarnings("unused")
        private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

        Reader(Chunk first) {
            chunk = first;
            places = first.places;
        }

        /** Whether there is a chunk with a place left to read. */
        boolean moveToNext() {
            if (place < places.length) {
                return true;
            }
            Chunk next = chunk.next;
            if (next == null || next == CLOSED) {
                return false;
            }
            chunk = next;
            places = next.places;
            place = 0;
            return true;
        }
    }

    TaskQueue() {
        this(CHUNK_TASKS);
    }

    /** With chunks of another size, for tests. */
    TaskQueue(int chunkTasks) {
        this.chunkTasks = chunkTasks;
        tail = new Chunk(chunkTasks);
        reader = new Reader(tail);
    }

    /** Adds a task, and returns whether it was taken: false when the queue is closed. Any thread, lock-free. */
    boolean offer(Runnable task) {
        Chunk chunk = tail;
        while (true) {
            // Looked at before it is added to: else a closed queue would count its refusals until the counter
            // overflows.
            int place = chunk.claimed < chunkTasks ? (int) CLAIMED.getAndAdd(chunk, 1) : chunkTasks;
            if (place < chunkTasks) {
                PLACES.setRelease(chunk.places, place, task);
                return true;
            }
            Chunk next = chunk.next;
            if (next == null) {
                next = new Chunk(chunkTasks);
                Chunk first = (Chunk) NEXT.compareAndExchange(chunk, null, next);
                next = first == null ? next : first;
            }
            if (next == CLOSED) {
                return false;
            }
            TAIL.compareAndSet(this, chunk, next);
            chunk = next;
        }
    }

    /** Takes the oldest task; null when there is none. Consumer only. */
    @Nullable
    Runnable poll() {
        Reader at = reader;
        if (!at.moveToNext()) {
            return null;
        }
        Runnable task = (Runnable) PLACES.getAcquire(at.places, at.place);
        if (task != null) {
            at.places[at.place++] = null; // the chunk lives on; the task need not
        }
        return task;
    }

    /**
     * Whether nothing is here nor about to come: a place that is claimed and not stored yet counts, though
     * {@link #poll} gives nothing for it so far. Consumer only, before {@link #close}.
     */
    boolean isEmpty() {
        Reader at = reader;
        return !at.moveToNext() || at.chunk.claimed <= at.place;
    }

    /**
     * Refuses every offer from now on. What was taken before is still there, for {@link #pollClosed}. Consumer only.
     */
    void close() {
        if (reader.lastChunk != null) {
            return;
        }
        Chunk chunk = tail;
        while (true) {
            Chunk next = (Chunk) NEXT.compareAndExchange(chunk, null, CLOSED);
            if (next == null) {
                break;
            }
            chunk = next;
        }
        reader.lastPlaces = Math.min((int) CLAIMED.getAndAdd(chunk, chunkTasks), chunkTasks);
        reader.lastChunk = chunk;
    }

    /**
     * Takes the oldest task of a closed queue; null when it is drained. Waits for producers that have claimed a place
     * and not stored their task yet, which is a matter of instructions. Consumer only.
     */
    @Nullable
    Runnable pollClosed() {
        while (true) {
            Runnable task = poll();
            if (task != null || (reader.chunk == reader.lastChunk && reader.place >= reader.lastPlaces)) {
                return task;
            }
            Thread.onSpinWait();
        }
    }
}
