package io.millio.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A queue of many producers and many consumers, bounded or not, which can be closed so that each offer is either taken
 * or refused. Any thread, lock-free.
 *
 * <p>A list of chunks of places. A place goes from null to a task by the compare-and-set of one producer, and from the
 * task to a mark by that of one consumer; so an offer is in the queue by one step that can't fail half-way. Producers
 * take the first place that is null, hence the places in use are always contiguous: the first place that is not marked
 * shows the state of the queue. Where to begin to look is a hint, which may be old. (The queue of M. M. Michael and M.
 * L. Scott, "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms", PODC 1996, with an
 * array in each node.) To close the queue, another mark is put into the first place that is null.
 *
 * <p>A chunk that is used up is cut off from those that follow. Otherwise one that has grown old in the collector's
 * eyes would keep all younger ones alive until the next collection of everything.
 *
 * <p>Cost: O(1), one compare-and-set each; a chunk of 4 KiB every 1,024 offers is all that it allocates. Order: FIFO
 * for each producer.
 */
public final class TaskQueue implements TaskSource {
    /** The result of an offer. */
    public enum Offer {
        TAKEN,
        FULL,
        CLOSED
    }

    /** The capacity of a queue that is bounded by memory only. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    private static final int CHUNK_TASKS = 1024;

    private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Runnable[].class);
    private static final VarHandle NEXT;
    private static final VarHandle CHUNK;
    private static final VarHandle POSITION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NEXT = lookup.findVarHandle(Chunk.class, "next", Chunk.class);
            CHUNK = lookup.findVarHandle(Cursor.class, "chunk", Chunk.class);
            POSITION = lookup.findVarHandle(Cursor.class, "position", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The content of a place that is not a task. */
    private enum Mark implements Runnable {
        TAKEN,
        CLOSED;

        @Override
        public void run() {}
    }

    private static final class Chunk {
        /** The position of the first place: how many places there are in the chunks before. */
        long first;

        // From null to a task or CLOSED by compare-and-set, and from a task to TAKEN by compare-and-set or, by the only
        // consumer, with release. Read volatile.
        final @Nullable Runnable[] places;

        // From null to the next chunk by compare-and-set, then to this chunk itself: cut off.
        volatile @Nullable Chunk next;

        Chunk(int size, long first) {
            places = new Runnable[size];
            this.first = first;
        }

        @Nullable
        Runnable at(int place) {
            return (Runnable) PLACES.getVolatile(places, place);
        }

        /** Takes the task of a place, for the only consumer. */
        boolean take(int place) {
            Interleave.point();
            PLACES.setRelease(places, place, Mark.TAKEN);
            return true;
        }

        boolean change(int place, @Nullable Runnable from, Runnable to) {
            Interleave.point();
            return PLACES.compareAndSet(places, place, from, to);
        }
    }

    /**
     * Where to begin to look, for producers or for consumers. With room around what is written for each task, so that
     * producers and consumers share no cache line but those of the tasks.
     */
    private static final class Cursor {
        @SuppressWarnings("unused")
        private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14;

        // All places before it are filled, or taken; so any value ever written is right. Release and acquire: a thread
        // that relies on it sees that they are.
        @SuppressWarnings("unused") // accessed through its handle
        private long position;

        @SuppressWarnings("unused")
        private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

        // Only ever moved forward, by compare-and-set; that of the consumers never past that of the producers.
        volatile Chunk chunk;

        Cursor(Chunk chunk) {
            this.chunk = chunk;
        }

        int begin(Chunk at) {
            long place = (long) POSITION.getAcquire(this) - at.first;
            return (int) Math.max(0, Math.min(place, at.places.length));
        }

        void passed(Chunk at, int place) {
            POSITION.setRelease(this, at.first + place + 1);
        }

        void move(Chunk from, Chunk to) {
            Interleave.point();
            CHUNK.compareAndSet(this, from, to);
        }
    }

    private final int chunkTasks;
    private final int capacity;
    private final boolean oneConsumer;
    private final Cursor head;
    private final Cursor tail;

    // Linked by close() where the last chunk is full: the end of a loop must not need memory.
    private final Chunk closing = new Chunk(1, 0);

    /** Creates an unbounded queue from which one thread at a time takes: that costs no compare-and-set. */
    public TaskQueue() {
        this(UNBOUNDED, CHUNK_TASKS, true);
    }

    /** Creates a queue with room for so many tasks, or {@link #UNBOUNDED}. */
    public TaskQueue(int capacity) {
        this(capacity, CHUNK_TASKS, false);
    }

    /** Creates a queue with chunks of another size, for tests. */
    public TaskQueue(int capacity, int chunkTasks, boolean oneConsumer) {
        this.capacity = capacity;
        this.chunkTasks = chunkTasks;
        this.oneConsumer = oneConsumer;
        Chunk first = new Chunk(chunkTasks, 0);
        head = new Cursor(first);
        tail = new Cursor(first);
        closing.places[0] = Mark.CLOSED;
    }

    /** Adds a task, unless the queue is full or closed. */
    public Offer offer(Runnable task) {
        Chunk chunk = tail.chunk;
        while (true) {
            for (int place = tail.begin(chunk); place < chunk.places.length; ) {
                Runnable present = chunk.at(place);
                if (present == Mark.CLOSED) {
                    return Offer.CLOSED;
                }
                if (present != null) {
                    place++;
                } else if (capacity != UNBOUNDED && chunk.first + place - taken() >= capacity) {
                    // The bound is exact: should the step below succeed, none was added since, and taken() only grows.
                    return Offer.FULL;
                } else if (chunk.change(place, null, task)) {
                    pass(tail, chunk, place);
                    return Offer.TAKEN;
                }
            }
            Chunk next = chunk.next;
            chunk = nextOfTail(chunk, next != null ? next : link(chunk, new Chunk(chunkTasks, end(chunk))));
        }
    }

    private static void pass(Cursor cursor, Chunk chunk, int place) {
        try {
            cursor.passed(chunk, place);
        } catch (StackOverflowError e) {
            // The task is in the queue, or taken, which the caller has to know; the hint stays behind.
        }
    }

    private static long end(Chunk chunk) {
        return chunk.first + chunk.places.length;
    }

    /** Links a chunk after the last one; returns the one that another thread has linked first, if any. */
    private static Chunk link(Chunk last, Chunk made) {
        Interleave.point();
        Chunk first = (Chunk) NEXT.compareAndExchange(last, null, made);
        return first == null ? made : first;
    }

    private Chunk nextOfTail(Chunk chunk, Chunk next) {
        if (next == chunk) {
            return tail.chunk;
        }
        tail.move(chunk, next);
        return next;
    }

    @Override
    public @Nullable Runnable poll() {
        for (Chunk chunk = head.chunk; chunk != null; chunk = nextOfHead(chunk)) {
            for (int place = head.begin(chunk); place < chunk.places.length; ) {
                Runnable task = chunk.at(place);
                if (task == Mark.TAKEN) {
                    place++;
                } else if (task == null || task == Mark.CLOSED) {
                    return null;
                } else if (oneConsumer ? chunk.take(place) : chunk.change(place, task, Mark.TAKEN)) {
                    pass(head, chunk, place);
                    return task;
                }
            }
        }
        return null;
    }

    /** Returns the chunk after one of which all is taken; null if there is none yet. */
    private @Nullable Chunk nextOfHead(Chunk chunk) {
        Chunk next = chunk.next;
        if (next == null) {
            return null;
        }
        if (next == chunk) {
            return head.chunk;
        }
        tail.move(chunk, next); // first: a producer that finds a chunk cut off begins again there
        if (CHUNK.compareAndSet(head, chunk, next)) {
            chunk.next = chunk;
        }
        return next;
    }

    /** Returns the first content that is not taken. */
    private @Nullable Runnable peek() {
        for (Chunk chunk = head.chunk; chunk != null; chunk = nextOfHead(chunk)) {
            for (int place = head.begin(chunk); place < chunk.places.length; place++) {
                Runnable content = chunk.at(place);
                if (content != Mark.TAKEN) {
                    return content;
                }
            }
        }
        return null;
    }

    @Override
    public boolean isEmpty() {
        Runnable first = peek();
        return first == null || first == Mark.CLOSED;
    }

    @Override
    public boolean isDrained() {
        return peek() == Mark.CLOSED;
    }

    /** Refuses every offer from now on. Needs no memory. Closing twice has no effect. */
    @Override
    public synchronized void close() {
        Chunk chunk = tail.chunk;
        while (true) {
            for (int place = tail.begin(chunk); place < chunk.places.length; ) {
                Runnable present = chunk.at(place);
                if (present == Mark.CLOSED || (present == null && chunk.change(place, null, Mark.CLOSED))) {
                    return;
                }
                place += present == null ? 0 : 1;
            }
            Chunk next = chunk.next;
            if (next == null) {
                closing.first = end(chunk);
                next = link(chunk, closing);
            }
            chunk = nextOfTail(chunk, next);
        }
    }

    /** Returns how many tasks have been taken out since the queue was made. */
    public long taken() {
        Chunk chunk = head.chunk;
        while (true) {
            int place = head.begin(chunk);
            while (place < chunk.places.length && chunk.at(place) == Mark.TAKEN) {
                place++;
            }
            Chunk next = place < chunk.places.length ? null : nextOfHead(chunk);
            if (next == null) {
                return chunk.first + place;
            }
            chunk = next;
        }
    }

    /** Returns how many tasks have been added since the queue was made. */
    public long offered() {
        Chunk chunk = tail.chunk;
        while (true) {
            int place = tail.begin(chunk);
            while (place < chunk.places.length && chunk.at(place) != null && chunk.at(place) != Mark.CLOSED) {
                place++;
            }
            Chunk next = place < chunk.places.length ? null : chunk.next;
            if (next == null) {
                return chunk.first + place;
            }
            chunk = nextOfTail(chunk, next);
        }
    }
}
