package io.millio.task;

import io.millio.internal.TaskQueue.Offer;
import io.millio.internal.TaskSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tasks by priority, and by age within one. A task leaves it once, to be run or because it was withdrawn: the lock
 * makes one of the two first.
 *
 * <p>The higher priority goes first. But each time a task goes before one of a lower priority is counted, and when it
 * has happened as often in a row as is allowed, the oldest of those that were passed over is next. So the lower ones
 * get a certain share of a pool that is never idle, and never more, however many of them there are.
 *
 * <p>Urgent tasks, those of {@code HIGH} and {@code CRITICAL}, never queue behind the rest: the rest occupies a bounded
 * number of threads, which is one less than there are, and has a capacity of its own.
 *
 * <p>Any thread. Each operation is O(1) except for {@link #withdrawAll}; no allocation, as the tasks are links of the
 * lists themselves. A monitor rather than a {@code Lock}, which allocates a node when threads compete for it.
 */
final class PriorityQueues implements TaskSource {
    private static final Priority[] HIGHEST_FIRST = {Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW};

    private final int capacity;
    private final int maxNotUrgent;
    private final int aging;

    // All guarded by this. Available is volatile: workers read it without. It is what the other numbers allow.
    private final EnumMap<Priority, Fifo> byPriority = new EnumMap<>(Priority.class);
    private final Fifo[] highestFirst = new Fifo[HIGHEST_FIRST.length];
    private volatile int available;
    private boolean closed;
    private int urgent; // that wait
    private int notUrgent; // that wait
    private int notUrgentRunning;
    private int passedOver;
    private long submitted;
    private long withdrawn;
    private long rejected;

    /** The tasks of one priority. Guarded by the queues. */
    private static final class Fifo {
        @Nullable
        ComputeTask<?> first;

        @Nullable
        ComputeTask<?> last;

        int size;

        void add(ComputeTask<?> task) {
            ComputeTask<?> before = last;
            task.previous = before;
            if (before == null) {
                first = task;
            } else {
                before.next = task;
            }
            last = task;
            size++;
        }

        void remove(ComputeTask<?> task) {
            ComputeTask<?> before = task.previous;
            ComputeTask<?> after = task.next;
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

    /**
     * Makes empty queues.
     *
     * @param capacity how many urgent ones wait at most, and how many others
     * @param maxNotUrgent how many that are not urgent run at a time
     */
    PriorityQueues(int capacity, int maxNotUrgent, int aging) {
        this.capacity = capacity;
        this.maxNotUrgent = maxNotUrgent;
        this.aging = aging;
        for (int i = 0; i < HIGHEST_FIRST.length; i++) {
            highestFirst[i] = new Fifo();
            byPriority.put(HIGHEST_FIRST[i], highestFirst[i]);
        }
    }

    @SuppressWarnings("NullAway") // every priority has one
    private Fifo fifo(ComputeTask<?> task) {
        return byPriority.get(task.priority);
    }

    private static boolean isUrgent(ComputeTask<?> task) {
        return task.priority.compareTo(Priority.HIGH) >= 0;
    }

    synchronized Offer offer(ComputeTask<?> task) {
        if (closed || (isUrgent(task) ? urgent : notUrgent) == capacity) {
            rejected++;
            return closed ? Offer.CLOSED : Offer.FULL;
        }
        task.state = ComputeTask.State.QUEUED;
        task.ticket = submitted++;
        boolean added = false;
        count(task, 1); // first: a task that is queued and not counted would be run late, or never
        try {
            fifo(task).add(task);
            added = true;
        } finally {
            if (!added) {
                count(task, -1);
            }
        }
        return Offer.TAKEN;
    }

    private void count(ComputeTask<?> task, int more) {
        if (isUrgent(task)) {
            urgent += more;
        } else {
            notUrgent += more;
        }
        updateAvailable();
    }

    private void updateAvailable() {
        available = urgent + Math.min(notUrgent, maxNotUrgent - notUrgentRunning);
    }

    /** Counts a submission that failed before it came here. */
    synchronized void countRejected() {
        rejected++;
    }

    @Override
    public @Nullable Runnable poll() {
        if (available == 0) {
            return null;
        }
        synchronized (this) {
            ComputeTask<?> task = next();
            if (task != null) {
                notUrgentRunning += isUrgent(task) ? 0 : 1;
                take(task, ComputeTask.State.STARTED);
            }
            return task;
        }
    }

    /** A task that {@link #poll} returned has ended. Its thread polls next, so no other needs to be woken. */
    synchronized void ended(ComputeTask<?> task) {
        notUrgentRunning -= isUrgent(task) ? 0 : 1;
        updateAvailable();
    }

    private @Nullable ComputeTask<?> next() {
        ComputeTask<?> highest = null;
        ComputeTask<?> oldestLower = null;
        for (Fifo fifo : highestFirst) {
            ComputeTask<?> first = fifo.first;
            if (first != null && !isUrgent(first) && notUrgentRunning == maxNotUrgent) {
                break;
            }
            if (highest == null) {
                highest = first;
            } else if (first != null && (oldestLower == null || first.ticket < oldestLower.ticket)) {
                oldestLower = first;
            }
        }
        boolean lower = oldestLower != null && passedOver == aging;
        passedOver = oldestLower == null || lower ? 0 : passedOver + 1;
        return lower ? oldestLower : highest;
    }

    private void take(ComputeTask<?> task, ComputeTask.State state) {
        fifo(task).remove(task);
        task.state = state;
        count(task, -1);
        withdrawn += state == ComputeTask.State.WITHDRAWN ? 1 : 0;
    }

    /**
     * Takes a task out that has not started; returns whether it is out and will not start, by this call or an earlier
     * one.
     */
    synchronized boolean withdraw(ComputeTask<?> task) {
        if (task.state == ComputeTask.State.QUEUED) {
            take(task, ComputeTask.State.WITHDRAWN);
        }
        return task.state == ComputeTask.State.WITHDRAWN;
    }

    /** Takes all out that have not started, the highest priority first. */
    synchronized List<ComputeTask<?>> withdrawAll() {
        List<ComputeTask<?>> tasks = new ArrayList<>(urgent + notUrgent);
        for (Fifo fifo : highestFirst) {
            for (ComputeTask<?> task; (task = fifo.first) != null; ) {
                take(task, ComputeTask.State.WITHDRAWN);
                tasks.add(task);
            }
        }
        return tasks;
    }

    @Override
    public boolean isEmpty() {
        return available == 0;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    @Override
    public synchronized boolean isDrained() {
        return closed && urgent + notUrgent == 0;
    }

    /** Returns the numbers of these queues, all of one moment, and those that are given. */
    ComputePoolStats stats(ExecutionMeter meter, int active) {
        Map<Priority, Integer> depth = new EnumMap<>(Priority.class);
        long completed = meter.completed.get();
        long failed = meter.failed.get();
        synchronized (this) {
            byPriority.forEach((priority, fifo) -> depth.put(priority, fifo.size));
            return new ComputePoolStats(
                    submitted,
                    completed,
                    failed,
                    withdrawn,
                    rejected,
                    active,
                    depth,
                    meter.nanos.get(),
                    meter.maxNanos.get());
        }
    }
}
