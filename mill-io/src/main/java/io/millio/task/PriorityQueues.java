package io.millio.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tasks by priority, and by age within one, with room for so many in all. A task leaves it once, to be run or because
 * it was withdrawn: the lock makes one of the two first.
 *
 * <p>The higher priority goes first. But each time a task goes before one of a lower priority is counted, and when it
 * has happened so often in a row as is allowed, the oldest of those that were passed over has its turn. So the lower
 * ones get a certain share of a pool that is never idle, and never more, however many of them there are.
 *
 * <p>Any thread. Each operation is O(1) but for {@link #withdrawAll}; no allocation, as the tasks are links of the
 * lists themselves.
 */
final class PriorityQueues implements TaskSource {
    private static final Priority[] HIGHEST_FIRST = {Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW};

    private final ReentrantLock lock = new ReentrantLock();
    private final int capacity;
    private final int aging;

    // All guarded by the lock.
    private final EnumMap<Priority, Fifo> byPriority = new EnumMap<>(Priority.class);
    private final Fifo[] highestFirst = new Fifo[HIGHEST_FIRST.length];
    private int passedOver;
    private int waiting;
    private long submitted;
    private long withdrawn;
    private long rejected;

    // Written under the lock, the size as a copy of waiting; volatile, for workers look at them without.
    private volatile int size;
    private volatile boolean closed;

    /** The tasks of one priority. Guarded by the lock. */
    private static final class Fifo {
        @Nullable
        ComputeTask first;

        @Nullable
        ComputeTask last;

        int size;

        void add(ComputeTask task) {
            ComputeTask before = last;
            task.previous = before;
            if (before == null) {
                first = task;
            } else {
                before.next = task;
            }
            last = task;
            size++;
        }

        void remove(ComputeTask task) {
            ComputeTask before = task.previous;
            ComputeTask after = task.next;
            if (before == null) {
                first = after;
            } else {
                before.next = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.previous = before;
            }
            task.previous = null;
            task.next = null;
            size--;
        }
    }

    PriorityQueues(int capacity, int aging) {
        this.capacity = capacity;
        this.aging = aging;
        for (int i = 0; i < HIGHEST_FIRST.length; i++) {
            Fifo fifo = new Fifo();
            highestFirst[i] = fifo;
            byPriority.put(HIGHEST_FIRST[i], fifo);
        }
    }

    SharedQueue.Offer offer(ComputeTask task) {
        lock.lock();
        try {
            if (closed || size == capacity) {
                rejected++;
                return closed ? SharedQueue.Offer.CLOSED : SharedQueue.Offer.FULL;
            }
            task.state = ComputeTask.State.QUEUED;
            task.ticket = submitted++;
            fifo(task).add(task);
            size = ++waiting;
            return SharedQueue.Offer.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("NullAway") // every priority has one
    private Fifo fifo(ComputeTask task) {
        return byPriority.get(task.priority);
    }

    /** A submission failed before it came here. */
    void countRejected() {
        lock.lock();
        try {
            rejected++;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Runnable poll() {
        if (size == 0) {
            return null;
        }
        lock.lock();
        try {
            ComputeTask task = next();
            if (task != null) {
                take(task, ComputeTask.State.STARTED);
            }
            return task;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ComputeTask next() {
        ComputeTask highest = null;
        ComputeTask oldestLower = null;
        for (Fifo fifo : highestFirst) {
            ComputeTask first = fifo.first;
            if (highest == null) {
                highest = first;
            } else if (first != null && (oldestLower == null || first.ticket < oldestLower.ticket)) {
                oldestLower = first;
            }
        }
        if (oldestLower == null) {
            passedOver = 0;
            return highest;
        }
        if (passedOver == aging) {
            passedOver = 0;
            return oldestLower;
        }
        passedOver++;
        return highest;
    }

    private void take(ComputeTask task, ComputeTask.State state) {
        fifo(task).remove(task);
        task.state = state;
        size = --waiting;
    }

    /**
     * Takes a task out that has not started; returns whether it is out and will not start, by this call or an earlier
     * one.
     */
    boolean withdraw(ComputeTask task) {
        lock.lock();
        try {
            if (task.state == ComputeTask.State.QUEUED) {
                take(task, ComputeTask.State.WITHDRAWN);
                withdrawn++;
            }
            return task.state == ComputeTask.State.WITHDRAWN;
        } finally {
            lock.unlock();
        }
    }

    /** Takes all out that have not started, the highest priority first. */
    List<ComputeTask> withdrawAll() {
        List<ComputeTask> tasks = new ArrayList<>();
        lock.lock();
        try {
            for (Fifo fifo : highestFirst) {
                for (ComputeTask task; (task = fifo.first) != null; ) {
                    take(task, ComputeTask.State.WITHDRAWN);
                    withdrawn++;
                    tasks.add(task);
                }
            }
        } finally {
            lock.unlock();
        }
        return tasks;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isDrained() {
        return closed && size == 0; // in this order: once it is closed, the size only shrinks
    }

    /** The numbers that these queues know, all of one moment; the others are given. */
    ComputePoolStats stats(long completed, long failed, int active, long executionNanos, long maxExecutionNanos) {
        Map<Priority, Integer> depth = new EnumMap<>(Priority.class);
        lock.lock();
        try {
            byPriority.forEach((priority, fifo) -> depth.put(priority, fifo.size));
            return new ComputePoolStats(
                    submitted,
                    completed,
                    failed,
                    withdrawn,
                    rejected,
                    active,
                    depth,
                    executionNanos,
                    maxExecutionNanos);
        } finally {
            lock.unlock();
        }
    }
}
