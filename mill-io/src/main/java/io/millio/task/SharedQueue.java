package io.millio.task;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A queue of many producers and many consumers, bounded or not, which can be closed so that each offer is either taken
 * or refused. Any thread, lock-free.
 *
 * <p>A list of chunks, each with two counters that only grow: how many of its places producers have claimed, and how
 * many consumers have taken. A producer claims a place by compare-and-set and then stores its task there. A consumer
 * reads the task at the next place and then claims it by compare-and-set: as a chunk is never used twice, success says
 * that the task is its own. (The ticket idea of D. Vyukov's queues, with an array in each node.) A place that is
 * claimed and not stored yet reads as the end of the queue: its producer is about to store, and looks after waking a
 * worker itself.
 *
 * <p>A chunk that is used up is cut off from those that follow. Otherwise one that has grown old in the collector's
 * eyes would keep all younger ones alive until the next collection of everything.
 *
 * <p>To close it, the link of the last chunk becomes a mark, so that no chunk can follow, and then a bit in its counter
 * refuses further claims.
 *
 * <p>Cost: O(1); an offer is a compare-and-set and a volatile store, a poll is a compare-and-set; a chunk of 2 KiB
 * every 512 offers is all that it allocates. Order: FIFO for each producer.
 */
final class SharedQueue implements TaskSource {
    /** What became of an offer. */
    enum Offer {
        TAKEN,
        FULL,
        CLOSED
    }

    static final int CHUNK_TASKS = 512;
    static final int UNBOUNDED = Integer.MAX_VALUE;

    private static final int CLOSED_BIT = Integer.MIN_VALUE;

    private static final VarHandle CLAIMED;
    private static final VarHandle TAKEN;
    private static final VarHandle NEXT;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;
    private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Runnable[].class);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CLAIMED = lookup.findVarHandle(Chunk.class, "claimed", int.class);
            TAKEN = lookup.findVarHandle(Chunk.class, "taken", int.class);
            NEXT = lookup.findVarHandle(Chunk.class, "next", Chunk.class);
            HEAD = lookup.findVarHandle(SharedQueue.class, "head", Chunk.class);
            TAIL = lookup.findVarHandle(SharedQueue.class, "tail", Chunk.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Chunk {
        // How many tasks were offered to the queue before the first of this chunk.
        final long before;
        // Each is written by the producer that claimed it, volatile: the look for sleeping workers comes after it.
        final @Nullable Runnable[] places;
        // Grows by compare-and-set, each time by the place of one producer; CLOSED_BIT is set once.
        volatile int claimed;
        // Grows by compare-and-set, each time by the place of one consumer.
        volatile int taken;
        // From null to the next chunk or LAST by compare-and-set, then from the next chunk to USED_UP.
        volatile @Nullable Chunk next;

        Chunk(int size, long before) {
            places = new Runnable[size];
            this.before = before;
        }
    }

    // As the link of a chunk: none will follow.
    private static final Chunk LAST = new Chunk(0, 0);

    // As the link of a chunk: head and tail are both past it.
    private static final Chunk USED_UP = new Chunk(0, 0);

    private final int chunkTasks;
    private final int capacity;

    // Where consumers begin to look: only ever moved forward, by compare-and-set, and never past the tail.
    private volatile Chunk head;

    // Where producers begin to look: only ever moved forward, by compare-and-set.
    private volatile Chunk tail;

    /** With room for so many tasks, or {@link #UNBOUNDED}. */
    SharedQueue(int capacity) {
        this(capacity, CHUNK_TASKS);
    }

    /** With chunks of another size, for tests. */
    SharedQueue(int capacity, int chunkTasks) {
        this.capacity = capacity;
        this.chunkTasks = chunkTasks;
        head = new Chunk(chunkTasks, 0);
        tail = head;
    }

    Offer offer(Runnable task) {
        Chunk chunk = tail;
        while (true) {
            int claimed = chunk.claimed;
            if (claimed < 0) {
                return Offer.CLOSED;
            }
            if (claimed == chunkTasks) {
                Chunk next = linkNext(chunk);
                if (next == LAST) {
                    return Offer.CLOSED;
                }
                chunk = next == USED_UP ? tail : moveTail(chunk, next);
            } else if (capacity != UNBOUNDED && chunk.before + claimed - taken() >= capacity) {
                // The bound is exact: should the claim below succeed, nobody has claimed since, and taken() only grows.
                return Offer.FULL;
            } else if (CLAIMED.compareAndSet(chunk, claimed, claimed + 1)) {
                PLACES.setVolatile(chunk.places, claimed, task);
                return Offer.TAKEN;
            }
        }
    }

    private Chunk linkNext(Chunk chunk) {
        Chunk next = chunk.next;
        if (next != null) {
            return next;
        }
        Chunk made = new Chunk(chunkTasks, chunk.before + chunkTasks);
        Chunk first = (Chunk) NEXT.compareAndExchange(chunk, null, made);
        return first == null ? made : first;
    }

    private Chunk moveTail(Chunk from, Chunk to) {
        TAIL.compareAndSet(this, from, to);
        return to;
    }

    @Override
    public @Nullable Runnable poll() {
        while (true) {
            Chunk chunk = head;
            int place = chunk.taken;
            if (place == chunkTasks) {
                if (!moveHead(chunk)) {
                    return null;
                }
                continue;
            }
            Runnable task = (Runnable) PLACES.getVolatile(chunk.places, place);
            if (task == null) {
                if (chunk.taken == place) {
                    return null;
                }
            } else if (TAKEN.compareAndSet(chunk, place, place + 1)) {
                chunk.places[place] = null; // the chunk lives on; the task need not
                return task;
            }
        }
    }

    @Override
    public boolean isEmpty() {
        while (true) {
            Chunk chunk = head;
            int place = chunk.taken;
            if (place == chunkTasks) {
                if (!moveHead(chunk)) {
                    return true;
                }
            } else if (PLACES.getVolatile(chunk.places, place) != null) {
                return false;
            } else if (chunk.taken == place) {
                return true;
            }
        }
    }

    /** Moves the head on from a chunk of which all is taken; returns whether it is past that chunk, by whoever. */
    private boolean moveHead(Chunk chunk) {
        Chunk next = chunk.next;
        if (next == null || next == LAST) {
            return false;
        }
        if (next != USED_UP) {
            // The tail goes first: a producer that finds USED_UP begins again there.
            TAIL.compareAndSet(this, chunk, next);
            if (HEAD.compareAndSet(this, chunk, next)) {
                chunk.next = USED_UP;
            }
        }
        return true;
    }

    /** Takes no offers from now on. Twice does no harm. */
    @Override
    public void close() {
        Chunk chunk = tail;
        while (true) {
            Chunk next = (Chunk) NEXT.compareAndExchange(chunk, null, LAST);
            if (next == null || next == LAST) {
                CLAIMED.getAndBitwiseOr(chunk, CLOSED_BIT);
                return;
            }
            chunk = next == USED_UP ? tail : next;
        }
    }

    @Override
    public boolean isDrained() {
        Chunk chunk = head;
        int claimed = chunk.claimed;
        return claimed < 0 && chunk.taken == (claimed & ~CLOSED_BIT);
    }

    /** How many tasks were taken out since the queue was made. */
    long taken() {
        Chunk chunk = head;
        return chunk.before + chunk.taken;
    }

    /** How many tasks were taken in since the queue was made. */
    long offered() {
        Chunk chunk = tail;
        while (true) {
            Chunk next = chunk.next;
            if (next == null || next == LAST) {
                return chunk.before + (chunk.claimed & ~CLOSED_BIT);
            }
            chunk = next == USED_UP ? tail : next;
        }
    }
}
