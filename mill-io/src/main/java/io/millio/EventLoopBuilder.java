package io.millio;

import io.millio.internal.Arguments;
import io.millio.internal.JvmPauses;
import io.millio.task.ComputePool;
import io.millio.task.ComputePoolBuilder;
import io.millio.task.Queues;
import io.millio.task.WorkerPool;
import io.millio.task.WorkerPoolBuilder;
import io.millio.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an {@link EventLoop}: each has a default, and is checked when it is given. One thread at a time; may be
 * used for several loops.
 */
public final class EventLoopBuilder {
    private static final long MIN_STALL_NANOS = 10_000_000;
    private static final AtomicInteger NEXT_LOOP = new AtomicInteger(1);

    private int workers = 4;
    private Queues queues = Queues.SHARED;
    private boolean direct;
    private @Nullable Executor executor;
    private @Nullable ComputePool computePool;
    private int eventCapacity = 1024;
    private long pollTimeoutNanos = 100_000_000;
    private int maxTimersPerTurn = 1024;
    private int maxTasksPerTurn = 1024;
    private @Nullable Transport transport;
    private @Nullable LongSupplier clock;
    private @Nullable ThreadFactory threadFactory;
    private @Nullable ErrorHandler errorHandler;
    private boolean keepAfterError;
    private boolean measureTimes;
    private long stallNanos;
    private StallListener stallListener = stall -> {};
    private @Nullable String name;
    private @Nullable Resolver resolver;

    EventLoopBuilder() {}

    /** Runs handlers on this many worker threads of the loop's own, at least 1. The default, with 4. */
    public EventLoopBuilder workers(int workers) {
        if (workers < 1) {
            throw Arguments.refused("workers", workers, "must be at least 1; for none there is direct()");
        }
        this.workers = workers;
        direct = false;
        executor = null;
        return this;
    }

    /** Sets how runs wait for the workers. Default {@link Queues#SHARED}. */
    public EventLoopBuilder workerQueues(Queues queues) {
        this.queues = Objects.requireNonNull(queues, "queues");
        return this;
    }

    /** Runs handlers in the turn, on the loop's thread. */
    public EventLoopBuilder direct() {
        direct = true;
        executor = null;
        return this;
    }

    /**
     * Runs handlers on this executor, owned by the caller: a pool shared by several loops, or one that starts a virtual
     * thread for each run.
     */
    public EventLoopBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        direct = false;
        return this;
    }

    /**
     * Sets the pool that runs the tasks of {@link EventLoop#compute}; owned by the caller. Default: a pool of the
     * loop's own, with as many workers as there are processors.
     */
    public EventLoopBuilder computePool(ComputePool computePool) {
        this.computePool = Objects.requireNonNull(computePool, "computePool");
        return this;
    }

    /** Sets the maximum number of events a turn, at least 1; the rest are handled in the next. Default 1,024. */
    public EventLoopBuilder eventCapacity(int eventCapacity) {
        this.eventCapacity = Arguments.atLeast(1, eventCapacity, "eventCapacity");
        return this;
    }

    /** Sets the longest sleep of a turn; with zero the loop spins. Default 100 ms. See {@link #noPollTimeout}. */
    public EventLoopBuilder pollTimeout(Duration pollTimeout) {
        this.pollTimeoutNanos = Arguments.nanos(pollTimeout, "pollTimeout");
        return this;
    }

    /** Lets the loop sleep until there is something to do: an idle loop does not wake up. */
    public EventLoopBuilder noPollTimeout() {
        this.pollTimeoutNanos = Long.MAX_VALUE;
        return this;
    }

    /** Sets the maximum number of timers a turn, at least 1; the rest run in the next. Default 1,024. */
    public EventLoopBuilder maxTimersPerTurn(int maxTimersPerTurn) {
        this.maxTimersPerTurn = Arguments.atLeast(1, maxTimersPerTurn, "maxTimersPerTurn");
        return this;
    }

    /** Sets the maximum number of tasks a turn, at least 1; the rest run in the next. Default 1,024. */
    public EventLoopBuilder maxTasksPerTurn(int maxTasksPerTurn) {
        this.maxTasksPerTurn = Arguments.atLeast(1, maxTasksPerTurn, "maxTasksPerTurn");
        return this;
    }

    /**
     * Sets the transport. Default {@link Transport#best}; programs that register channels of {@code java.nio} use
     * {@code nio}.
     */
    public EventLoopBuilder transport(Transport transport) {
        this.transport = Objects.requireNonNull(transport, "transport");
        return this;
    }

    /** Sets the clock: nanoseconds since an arbitrary moment, monotonic. Default: the transport's. */
    public EventLoopBuilder nanoClock(LongSupplier nanoClock) {
        this.clock = Objects.requireNonNull(nanoClock, "nanoClock");
        return this;
    }

    /**
     * Sets the factory of the threads of {@link EventLoop#start} and of the workers. Default: named after the loop, not
     * daemons.
     */
    public EventLoopBuilder threadFactory(ThreadFactory threadFactory) {
        this.threadFactory = Objects.requireNonNull(threadFactory, "threadFactory");
        return this;
    }

    /**
     * Sets the resolver of the clients on this loop that have none of their own; owned by the caller. Default: none,
     * and each client creates one.
     */
    public EventLoopBuilder resolver(Resolver resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /** Sets the handler of failures that cannot be reported to a caller. Default: logs at most one line a second. */
    public EventLoopBuilder errorHandler(ErrorHandler errorHandler) {
        this.errorHandler = Objects.requireNonNull(errorHandler, "errorHandler");
        return this;
    }

    /** Sets whether a source stays registered and open when its handler throws. Default false: it is closed. */
    public EventLoopBuilder keepAfterError(boolean keepAfterError) {
        this.keepAfterError = keepAfterError;
        return this;
    }

    /**
     * Measures how long turns and runs take, and tasks wait: {@link LoopStats#times}. Costs 23 KiB a loop, and a
     * reading of the clock a run. Default false.
     */
    public EventLoopBuilder measureTimes(boolean measureTimes) {
        this.measureTimes = measureTimes;
        return this;
    }

    /** As {@link #watchdog(Duration, StallListener)}, with the line in the log only. */
    public EventLoopBuilder watchdog(Duration threshold) {
        return watchdog(threshold, stall -> {});
    }

    /**
     * Watches the loop: a callback, task or timer that takes longer than a threshold is reported while it still runs,
     * with the stack of its thread, and once more after ten times the threshold; in the turn and on the threads of the
     * executor. Work for a loop that no thread drives is reported, too, and pauses of the whole process, which are not
     * counted as time of a handler. One daemon thread serves all loops of the process, and looks eight times in the
     * shortest threshold; the loops read no clock for it. It also makes the text of what runs, so that
     * {@code toString()} must not wait for a lock that a callback holds. Not for simulated loops; does nothing while
     * the process runs under a debugger. Default: not watched.
     *
     * @param threshold at least 10 ms; one second is a good choice
     * @param listener called for each report, besides the line in the {@link System.Logger} named
     *     {@code io.millio.EventLoop}
     */
    public EventLoopBuilder watchdog(Duration threshold, StallListener listener) {
        long nanos = Arguments.positiveNanos(threshold, "threshold");
        if (nanos < MIN_STALL_NANOS) {
            throw Arguments.refused("threshold", threshold, "must be at least 10 ms");
        }
        this.stallNanos = nanos;
        this.stallListener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** Sets the loop's name, which its threads carry. Default {@code millio-1}, {@code millio-2} and so on. */
    public EventLoopBuilder name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Creates a loop.
     *
     * @throws UncheckedIOException if the system refuses a poller
     * @throws IllegalStateException if the transport that {@code millio.transport} names can't be used
     */
    public EventLoop build() {
        String loopName = nextName();
        OwnedPools pools = newPools(loopName);
        return build(loopName, pools, pools);
    }

    /**
     * Creates several loops with these settings, which share one pool of workers and one of computations.
     *
     * @param loops how many, at least 1
     * @throws UncheckedIOException if the system refuses a poller
     * @throws IllegalStateException if the transport that {@code millio.transport} names can't be used
     */
    public EventLoopGroup buildGroup(int loops) {
        Arguments.atLeast(1, loops, "loops");
        String groupName = nextName();
        OwnedPools pools = newPools(groupName);
        List<EventLoop> made = new ArrayList<>();
        try {
            for (int i = 1; i <= loops; i++) {
                made.add(build(groupName + "-" + i, pools, OwnedPools.NONE));
            }
        } catch (RuntimeException | Error e) { // no thread for the watchdog, for instance
            made.forEach(EventLoop::close);
            throw e;
        }
        return new EventLoopGroup(made, pools);
    }

    private String nextName() {
        return name == null ? "millio-" + NEXT_LOOP.getAndIncrement() : name;
    }

    private EventLoop build(String loopName, OwnedPools pools, OwnedPools ownedByLoop) {
        Transport onTransport = transport == null ? Transport.best() : transport;
        LongSupplier onClock = clock == null ? onTransport.nanoClock() : clock;
        LoopSettings settings = new LoopSettings(
                loopName,
                onTransport,
                onClock,
                eventCapacity,
                pollTimeoutNanos,
                maxTimersPerTurn,
                maxTasksPerTurn,
                threadFactory,
                pools.workers() == null ? executor : pools.workers(),
                computePool == null ? Objects.requireNonNull(pools.computePool()) : computePool,
                ownedByLoop,
                errorHandler == null ? new LoggingErrorHandler(onClock) : errorHandler,
                keepAfterError,
                measureTimes,
                stallNanos != 0 && JvmPauses.isDebugged() ? 0 : stallNanos,
                stallListener,
                resolver);
        try {
            return new EventLoop(settings);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "transport " + onTransport.name() + " can't open a poller: " + e.getMessage(), e);
        }
    }

    /** The pools that were not set, and are created here; their threads are created when they are needed. */
    private OwnedPools newPools(String owner) {
        return new OwnedPools(
                direct || executor != null ? null : newWorkers(owner),
                computePool == null ? newComputePool(owner) : null);
    }

    private WorkerPool newWorkers(String owner) {
        WorkerPoolBuilder pool =
                WorkerPool.builder().workers(workers).queues(queues).name(owner + "-worker");
        if (threadFactory != null) {
            pool.threadFactory(threadFactory);
        }
        return pool.build();
    }

    private ComputePool newComputePool(String owner) {
        ComputePoolBuilder pool = ComputePool.builder()
                .workers(Runtime.getRuntime().availableProcessors())
                .name(owner + "-compute");
        if (threadFactory != null) {
            pool.threadFactory(threadFactory);
        }
        return pool.build();
    }
}
