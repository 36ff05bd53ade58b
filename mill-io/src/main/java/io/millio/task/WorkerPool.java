package io.millio.task;

import io.millio.internal.Arguments;
import io.millio.internal.TaskQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads that run short tasks, such as the handlers of event sources, in the order in which they
 * come.
 *
 * <p>Threads are made when tasks come and all others are busy; a pool that is not used has none, and one that is idle
 * uses no processor time. A task that throws, whatever it throws, is counted and reported to the
 * {@link TaskErrorHandler}, and its thread goes on. An interrupt that is left over from a task is cleared.
 *
 * <p>No task is lost: each is run, or rejected, or returned by {@link #drain}; exactly one of them, also when it comes
 * while the pool is shut down.
 *
 * <p>Any thread may call any method. To submit costs O(1) (with {@link Queues#PER_WORKER} and all queues full
 * O(workers)), is lock-free but for the making of threads, and wakes a thread only if one sleeps and none is being
 * woken.
 */
public final class WorkerPool implements Executor, AutoCloseable {
    /** A queue, and the workers that take from it. */
    private record Lane(TaskQueue queue, WorkerThreads workers) {}

    private static final int FULL = -1;
    private static final int SHUT_DOWN = -2;

    private final Lane[] lanes;
    private final LongAdder rejected = new LongAdder();

    // Whose turn it is; it may overflow.
    private final AtomicInteger nextLane = new AtomicInteger();

    WorkerPool(int workers, Queues queues, int capacity, ThreadFactory threadFactory, TaskErrorHandler errorHandler) {
        lanes = new Lane[queues == Queues.SHARED ? 1 : workers];
        for (int i = 0; i < lanes.length; i++) {
            int share = capacity == TaskQueue.UNBOUNDED
                    ? TaskQueue.UNBOUNDED
                    : capacity / lanes.length + (i < capacity % lanes.length ? 1 : 0);
            TaskQueue queue = new TaskQueue(share);
            lanes[i] = new Lane(queue, new WorkerThreads(queue, workers / lanes.length, threadFactory, errorHandler));
        }
    }

    /** Creates a pool with so many threads, at least 1, that take from one unbounded queue. */
    public static WorkerPool create(int workers) {
        return builder().workers(workers).build();
    }

    /** Returns a builder with the default settings. */
    public static WorkerPoolBuilder builder() {
        return new WorkerPoolBuilder();
    }

    /**
     * Runs the task on a worker, soon.
     *
     * @throws RejectedExecutionException if the pool is shut down, or full, or can't make its first thread
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        int lane;
        try {
            lane = queue(task);
        } catch (RejectedExecutionException e) {
            rejected.increment();
            throw e;
        }
        if (lane < 0) {
            rejected.increment();
            throw new RejectedExecutionException(
                    lane == FULL ? "the worker pool is full" : "the worker pool is shut down");
        }
        lanes[lane].workers.signal();
    }

    /**
     * Runs several tasks as {@link #execute} does, but wakes workers only when all of them are queued: one that is
     * woken for the first is often done with it, and asleep again, before the next one comes. O(count + workers).
     *
     * @param tasks those at 0 to count - 1 are meant
     * @return how many were taken, the first ones; the others were rejected, and are the caller's
     */
    public int executeAll(@Nullable Runnable[] tasks, int count) {
        Objects.checkFromIndexSize(0, count, tasks.length);
        int taken = 0;
        try {
            while (taken < count && queue(Objects.requireNonNull(tasks[taken], "task")) >= 0) {
                taken++;
            }
        } catch (RejectedExecutionException e) {
            // no first thread could be made: rejected like the ones after it
        } finally {
            for (Lane lane : lanes) {
                if (!lane.queue.isEmpty()) {
                    lane.workers.signal();
                }
            }
        }
        rejected.add(count - taken);
        return taken;
    }

    /** Returns the lane that has taken it, or {@link #FULL} or {@link #SHUT_DOWN}. */
    private int queue(Runnable task) {
        int first = lanes.length == 1 ? 0 : Math.floorMod(nextLane.getAndIncrement(), lanes.length);
        for (int i = 0; i < lanes.length; i++) {
            int index = (first + i) % lanes.length;
            lanes[index].workers.prepare();
            TaskQueue.Offer result = lanes[index].queue.offer(task);
            if (result != TaskQueue.Offer.FULL) {
                return result == TaskQueue.Offer.TAKEN ? index : SHUT_DOWN;
            }
        }
        return FULL;
    }

    /** Rejects new tasks; queued ones are run, then the threads end. Returns at once. A second call does nothing. */
    public void shutdown() {
        for (Lane lane : lanes) {
            lane.workers.shutdown();
        }
    }

    /** Shuts down, and takes out the tasks that have not started: the caller has them, and they will not be run. */
    public List<Runnable> drain() {
        shutdown();
        List<Runnable> tasks = new ArrayList<>();
        for (Lane lane : lanes) {
            for (Runnable task; (task = lane.queue.poll()) != null; ) {
                tasks.add(task);
            }
            lane.workers.shutdown(); // some may have gone to sleep while there was something to wait for
        }
        return tasks;
    }

    /**
     * Waits until the pool is shut down, all tasks are run and all threads have ended.
     *
     * @param timeout how long at most, not negative
     * @return whether the pool has terminated; false at once for a caller on a worker, which would wait for itself
     */
    public boolean awaitTermination(Duration timeout) throws InterruptedException {
        long timeoutNanos = Arguments.nanos(timeout, "timeout");
        return !isOnWorker() && await(timeoutNanos);
    }

    private boolean await(long timeoutNanos) throws InterruptedException {
        long begin = System.nanoTime();
        for (Lane lane : lanes) {
            if (!lane.workers.awaitTermination(timeoutNanos - (System.nanoTime() - begin))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Shuts down, and waits until all tasks are run and all threads have ended; an interrupt does not end the wait, and
     * is still set afterwards. On a worker's own thread it does not wait. Twice does no harm.
     */
    @Override
    public void close() {
        shutdown();
        if (!isOnWorker()) {
            Uninterruptibly.await(this::await, Long.MAX_VALUE);
        }
    }

    private boolean isOnWorker() {
        for (Lane lane : lanes) {
            if (lane.workers.isOnWorker()) {
                return true;
            }
        }
        return false;
    }

    /** Returns what the pool has done until now. O(workers), without locks. */
    public WorkerPoolStats stats() {
        long submitted = 0;
        long completed = 0;
        long failed = 0;
        long queued = 0;
        int active = 0;
        for (Lane lane : lanes) {
            completed += lane.workers.completed();
            failed += lane.workers.failed();
            active += lane.workers.active();
            long taken = lane.queue.taken();
            long offered = lane.queue.offered();
            queued += offered - taken;
            submitted += offered;
        }
        return new WorkerPoolStats(submitted, completed, failed, rejected.sum(), queued, active);
    }
}
