package io.millio.timer;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/*
 * The idea. A timer is a node: four ints in one array (previous, next, tick low, tick high), so that four nodes fill a
 * 64-byte cache line and relinking a neighbour is a plain store. Generations and tasks have arrays of their own:
 * relinking touches neither. A list is a ring through a sentinel node whose index is the list's number: unlinking needs
 * no list, yet its caller still learns which list it has emptied.
 *
 * A handle is a node's index and its generation, mixed with a salt of the wheel.
 */

/**
 * The timers of one wheel: storage, handles and list links, without any notion of time.
 *
 * <p>Not thread-safe: owned by one turn at a time. Every operation is O(1), save {@link #take} when the arrays double.
 */
final class TimerNodes<T> {
    /** The most nodes that are not sentinels; four ints for each stay well within one array. */
    static final int MAX_TIMERS = 1 << 26;

    /** No timer's node is this one (it is a sentinel's index). */
    static final int NONE = 0;

    private static final int NODE_SHIFT = 2;
    private static final int PREVIOUS = 0;
    private static final int NEXT = 1;
    private static final int TICK_LOW = 2;
    private static final int TICK_HIGH = 3;

    /** Always set in a handle, as no node's index reaches it, so that no handle is 0. */
    private static final long HANDLE_BIT = 1L << 31;

    private static final AtomicInteger WHEELS = new AtomicInteger();

    /** Makes the handles of two wheels differ, so that a handle shown to the wrong wheel is not taken for its own. */
    private final long salt = new SplittableRandom(WHEELS.incrementAndGet()).nextLong() | HANDLE_BIT;

    private final int lists;
    private final int maxTimers;

    private int[] links;

    /** Odd while the node is live. A free node whose count has come round to 0 is never used again. */
    private int[] generations;

    private @Nullable Object[] tasks;

    private int freeNode = NONE;
    private int freshNode;
    private int size;

    TimerNodes(int lists, int initialCapacity, int maxTimers) {
        this.lists = lists;
        this.maxTimers = maxTimers;
        int length = lists + initialCapacity;
        links = new int[length << NODE_SHIFT];
        generations = new int[length];
        tasks = new Object[length];
        freshNode = lists;
        for (int list = 0; list < lists; list++) {
            link(list, list);
        }
    }

    int size() {
        return size;
    }

    /** Makes a live node that is on no list; throws if all are taken. */
    int take(T task) {
        int node = freeNode;
        if (node != NONE) {
            freeNode = next(node);
        } else {
            if (freshNode == generations.length) {
                grow();
            }
            node = freshNode++;
        }
        generations[node]++;
        tasks[node] = task;
        size++;
        return node;
    }

    /** Frees a node that is on no list any more. Its handle goes stale, its task is let go. */
    void release(int node) {
        tasks[node] = null;
        size--;
        if (++generations[node] != 0) {
            setNext(node, freeNode);
            freeNode = node;
        }
    }

    long handle(int node) {
        return (((long) generations[node] << Integer.SIZE) | node) ^ salt;
    }

    /** Gives the live node of a handle, or {@link #NONE} if the handle is stale or not of this wheel. */
    int find(long handle) {
        long plain = handle ^ salt;
        int node = (int) plain;
        int generation = (int) (plain >>> Integer.SIZE);
        // A foreign handle may carry any bits, those of a free node's even generation included.
        boolean live =
                node >= 0 && node < generations.length && generations[node] == generation && (generation & 1) != 0;
        return live ? node : NONE;
    }

    @SuppressWarnings("unchecked")
    T task(int node) {
        return (T) Objects.requireNonNull(tasks[node]);
    }

    long tick(int node) {
        int at = node << NODE_SHIFT;
        return ((long) links[at + TICK_HIGH] << Integer.SIZE) | (links[at + TICK_LOW] & 0xFFFF_FFFFL);
    }

    void setTick(int node, long tick) {
        int at = node << NODE_SHIFT;
        links[at + TICK_LOW] = (int) tick;
        links[at + TICK_HIGH] = (int) (tick >>> Integer.SIZE);
    }

    int next(int node) {
        return links[(node << NODE_SHIFT) + NEXT];
    }

    int previous(int node) {
        return links[(node << NODE_SHIFT) + PREVIOUS];
    }

    /** Makes two nodes, either of which may be a sentinel, neighbours. */
    void link(int before, int after) {
        setNext(before, after);
        links[(after << NODE_SHIFT) + PREVIOUS] = before;
    }

    private void setNext(int node, int next) {
        links[(node << NODE_SHIFT) + NEXT] = next;
    }

    private void grow() {
        int capacity = generations.length - lists;
        if (capacity == maxTimers) {
            throw new IllegalStateException("the timer wheel is full: it holds at most " + maxTimers + " timers");
        }
        int length = lists + Math.min(capacity * 2, maxTimers);
        int[] newLinks = Arrays.copyOf(links, length << NODE_SHIFT);
        int[] newGenerations = Arrays.copyOf(generations, length);
        // Assigned together, once memory can no longer run out half-way.
        tasks = Arrays.copyOf(tasks, length);
        links = newLinks;
        generations = newGenerations;
    }
}
