package io.millio;

import io.millio.internal.TaskQueue;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.Token;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The turn of a loop: wait, deliver events, apply updates, run timers and tasks. The {@link Lifecycle} decides which
 * thread drives it, and until when.
 */
final class Reactor {
    /** The longest sleep; it only keeps deadlines within a {@code long}. */
    private static final long MAX_SLEEP_NANOS = Long.MAX_VALUE / 4;

    /** With this many sources the error handler is rehearsed, quiet moment or not: descriptors may become few. */
    private static final int FEW_SOURCES = 16;

    /** After so many tasks the loop looks whether the deadline of a shutdown is over. */
    private static final int TASKS_BETWEEN_LOOKS = 64;

    final EventLoop loop;
    final LongSupplier clock;
    final long originNanos;
    final Poller poller;
    final HandlerRegistry registry = new HandlerRegistry();
    final LoopCounters counters = new LoopCounters();
    final boolean keepAfterError;
    final @Nullable Executor executor; // null: handlers run in the turn
    final LoopTimers timers;
    final ComputePool computePool;
    final @Nullable TimeRecorder times; // null: not measured

    private final ErrorReporter errors;
    private final Computations computations;
    private final OwnedPools ownedPools;
    private final long pollTimeoutNanos;
    private final int maxTimersPerTurn;
    private final int maxTasksPerTurn;
    private final TaskQueue queue = new TaskQueue();
    private final UpdateQueue updates = new UpdateQueue();
    private final WakeWord wakeWord = new WakeWord();

    // Registrations whose onClose has not returned, and computations that have not ended: incremented and decremented
    // on any thread.
    private final AtomicInteger unsettled = new AtomicInteger();

    // The thread that drives the loop, while it does; it does nothing but turns then. Plain: a thread compares it
    // with itself only, and only itself writes itself there and takes itself out again, so it can't be misled by what
    // it sees of others.
    private @Nullable Thread turnThread;

    // Volatile: set in the turn or by the thread that waits for the loop to end, read by any thread.
    private volatile boolean closed;
    private volatile boolean shuttingDown;

    // Volatile: set by any thread whose handler failed fatally, read by the lifecycle after each turn.
    private volatile @Nullable Throwable failure;

    // The turn's own.
    final TurnState turn;
    final @Nullable WorkerDispatch workers;
    private boolean interrupted;
    private boolean rehearsed;
    private int closingSteps;

    Reactor(EventLoop loop, LoopSettings settings) throws IOException {
        this.loop = loop;
        this.clock = settings.clock();
        this.originNanos = clock.getAsLong();
        this.errors = new ErrorReporter(settings.errorHandler());
        this.keepAfterError = settings.keepAfterError();
        this.executor = settings.dispatcher();
        this.workers = executor == null ? null : new WorkerDispatch(executor);
        this.ownedPools = settings.ownedPools();
        this.computePool = settings.computePool();
        this.computations = new Computations(computePool, this);
        this.pollTimeoutNanos = Math.min(settings.pollTimeoutNanos(), MAX_SLEEP_NANOS);
        this.maxTimersPerTurn = settings.maxTimersPerTurn();
        this.maxTasksPerTurn = settings.maxTasksPerTurn();
        this.times = settings.measureTimes() ? new TimeRecorder() : null;
        this.turn = new TurnState(this, originNanos, times);
        this.timers = new LoopTimers(this);
        this.poller = settings.transport().openPoller(settings.eventCapacity(), clock);
    }

    // ---- any thread

    boolean inLoop() {
        return turnThread == Thread.currentThread();
    }

    /** The time of the turn, in it; the clock's elsewhere. */
    long nanoTime() {
        return inLoop() ? turn.nanos : clock.getAsLong();
    }

    boolean isClosed() {
        return closed;
    }

    Registration register(Source source, Token token, Interest interest, EventHandler handler) throws IOException {
        SourceRegistration registration = new SourceRegistration(this, source, token, interest, handler);
        unsettled.incrementAndGet(); // before the claim: else the loop could be drained with the registration in it
        try {
            registry.claim(registration);
        } catch (Throwable t) {
            settled();
            throw t;
        }
        Poller.Key key = null;
        try {
            key = poller.add(source, registration, interest);
            wakeUnlessInLoop(); // before it is known as added: if this throws, it can still be refused
            if (registration.added(key)) {
                return registration;
            }
            throw new RejectedExecutionException("the loop is shutting down");
        } catch (Throwable t) {
            if (!registration.abandon(key)) {
                report(LoopError.Origin.DISPATCH, registration, t);
                return registration; // an event had come first: the loop is awake, and callbacks have run
            }
            if (closed && t instanceof Exception) {
                throw new RejectedExecutionException("the loop is closed", t);
            }
            throw t;
        }
    }

    /** Queues a task for the next turn; returns false if the loop is closed. */
    boolean offer(Runnable task) {
        boolean taken = times != null && times.wantsTask()
                ? times.offer(queue, task, inLoop() ? turn.run.measuredNanos() : clock.getAsLong())
                : queue.offer(task) == TaskQueue.Offer.TAKEN;
        if (taken) {
            wakeUnlessInLoop();
        }
        return taken;
    }

    /** Queues a registration for the next turn; returns false if the loop is closed. Allocates nothing. */
    boolean queueUpdate(RegistrationLife registration) {
        if (!updates.add(registration)) {
            return false;
        }
        wakeUnlessInLoop();
        return true;
    }

    /**
     * Queues a timer; it wakes the loop only if that sleeps past the timer's deadline. The deadline is read after the
     * timer is queued: of two threads that move it at the same time, the one that queues it may have the later one.
     */
    boolean queueUpdate(LoopTimer timer) {
        if (!updates.add(timer)) {
            return false;
        }
        if (!inLoop()) {
            wakeWord.wake(poller, timer.isFarBehind() ? Long.MIN_VALUE : timer.neededByNanos());
        }
        return true;
    }

    void wakeUnlessInLoop() {
        if (!inLoop()) {
            wakeWord.wake(poller, Long.MIN_VALUE);
        }
    }

    <T extends @Nullable Object> CompletableFuture<T> compute(
            Priority priority,
            Callable<? extends T> task,
            BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
        if (closed) {
            throw new RejectedExecutionException("the loop is closed");
        }
        unsettled.incrementAndGet();
        try {
            CompletableFuture<T> result = computations.begin(priority, task, callback);
            if (closed) {
                computations.cancelAll(); // the close may have missed it
            }
            return result;
        } catch (Throwable t) {
            settled();
            throw t;
        }
    }

    /** Called when a registration has had its last callback, or a computation has ended. */
    void settled() {
        if (unsettled.decrementAndGet() == 0 && shuttingDown) {
            try {
                wakeUnlessInLoop();
            } catch (Throwable t) {
                report(LoopError.Origin.LOOP, loop, t); // the shutdown ends at its deadline then
            }
        }
    }

    /** Reports a failure. Throws nothing: what the caller has begun must be completed, reported or not. */
    void report(LoopError.Origin origin, Object subject, Throwable cause) {
        try {
            errors.report(origin, subject, cause);
        } catch (Throwable t) {
            // no memory to report with
        }
    }

    void taskFailed(LoopError.Origin origin, Object subject, Throwable cause) {
        report(origin, subject, cause);
        if (ErrorReporter.isFatal(cause)) {
            fail(cause);
        }
    }

    /** Ends the loop for a failure that belongs to no single handler. */
    void fail(Throwable cause) {
        failure = cause;
        wakeUnlessInLoop();
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    LoopStats stats() {
        return new LoopStats(
                counters.get(LoopCounters.TURNS),
                counters.get(LoopCounters.EVENTS),
                counters.get(LoopCounters.TASKS),
                counters.get(LoopCounters.TIMERS_FIRED),
                errors.count(),
                counters.get(LoopCounters.ACCEPT_PAUSES),
                registry.size(),
                (int) counters.get(LoopCounters.TIMERS_LIVE),
                times == null ? null : times.times());
    }

    // ---- the turn, by the one thread that the lifecycle lets drive

    /** The calling thread drives from here on. */
    void enter() {
        turnThread = Thread.currentThread();
    }

    /** The calling thread drives no more. */
    void leave() {
        turn.run.clear();
        turnThread = null;
    }

    /**
     * One pass. Sleeps until something happens, a timer is due, the poll timeout is over, or the limit; not at all when
     * there is work, or when the lifecycle has a request to carry out.
     *
     * @return how many events, timers and tasks were handled
     */
    int turn(Lifecycle lifecycle) throws IOException {
        turn.beginPoll();
        try {
            poller.poll(sleepDeadlineNanos(lifecycle), turn);
        } finally {
            turn.endWait();
            flushDispatch();
        }
        updates.run();
        int handled = turn.eventsHandled;
        if (handled != 0) {
            counters.add(LoopCounters.EVENTS, handled);
        }
        handled += timers.expire(turn.nanos, maxTimersPerTurn);
        handled += runTasks(lifecycle);
        turn.handled = handled;
        updates.run(); // an onClose comes when the turn's other callbacks are done
        if (!rehearsed && (handled == 0 || registry.size() >= FEW_SOURCES)) {
            rehearsed = true; // not when the loop is made: a program's first answer would wait for it
            errors.rehearse();
        }
        return handled;
    }

    private long sleepDeadlineNanos(Lifecycle lifecycle) {
        boolean idle = isIdle();
        long now = clock.getAsLong(); // a reading can take long, so that tasks come between the two looks
        turn.run.endTurn(now, turn.handled);
        long sleep = Math.min(pollTimeoutNanos, lifecycle.nanosUntilDeadline(now));
        sleep = Math.min(sleep, timers.nanosUntilNext(now));
        if (sleep <= 0 || !idle) {
            return now;
        }
        wakeWord.sleepUntil(now + sleep - originNanos);
        // The second look: what came before the announcement woke no one.
        if (isIdle() && !lifecycle.isAwaited()) {
            return now + sleep;
        }
        wakeWord.awake();
        return now;
    }

    /** Returns whether neither tasks nor updates wait. Any thread. */
    boolean isIdle() {
        return queue.isEmpty() && updates.isEmpty();
    }

    /** Called once in each turn, when the wait is over, before any callback. */
    void awake() {
        wakeWord.awake();
        if (Thread.interrupted()) {
            interrupted = true; // it ends a sleep and nothing else; run() restores it when it returns
        }
        turn.nanos = clock.getAsLong();
        turn.run.beginTurn(turn.nanos);
        counters.add(LoopCounters.TURNS, 1);
    }

    /** Returns whether the driving thread was interrupted since the last call. */
    boolean takeInterrupted() {
        boolean was = interrupted;
        interrupted = false;
        return was;
    }

    /** Has a run done by the executor. */
    void dispatch(WorkerDispatch.Run run) {
        Objects.requireNonNull(workers).add(run);
    }

    @SuppressWarnings("ThreadPriorityCheck") // the yield is a hint that saves work; nothing relies on it
    private void flushDispatch() {
        if (workers != null && workers.flush()) {
            // Lets the executor's threads run where there are more threads than processors: what they read is not
            // reported again by the next poll, and then need not be disarmed. See docs/decisions/0004.
            Thread.yield();
        }
    }

    private int runTasks(Lifecycle lifecycle) {
        int run = 0;
        for (Runnable task; run < maxTasksPerTurn && (task = queue.poll()) != null; run++) {
            try {
                turn.run.begin(task);
                if (times != null) {
                    times.taskBegins(task, turn.run.measuredNanos());
                }
                task.run();
            } catch (Throwable t) {
                taskFailed(LoopError.Origin.TASK, task, t);
            }
            turn.run.end();
            if (run % TASKS_BETWEEN_LOOKS == TASKS_BETWEEN_LOOKS - 1 && lifecycle.isOverdue()) {
                run++;
                break; // the loop closes, which runs the rest
            }
        }
        if (run != 0) {
            counters.add(LoopCounters.TASKS, run);
        }
        return run;
    }

    // ---- shutting down and closing, by the driving thread

    /** Refuses new registrations, and ends the listeners. */
    void stopAccepting() {
        shuttingDown = true;
        registry.refuse("the loop is shutting down");
        for (SourceRegistration registration : registry.all()) {
            if (registration.source() instanceof TcpListener && !registration.refuse()) {
                registration.end(null, true);
            }
        }
        updates.run();
    }

    void notifyShutdown() {
        registry.all().forEach(SourceRegistration::notifyShutdown);
        flushDispatch();
        updates.run();
    }

    boolean isDrained() {
        return unsettled.get() == 0 && isIdle();
    }

    /**
     * Ends everything: runs the tasks that were accepted, refuses others, ends the registrations and closes their
     * sources, cancels the timers. Handlers that run on an executor may still be finishing when this returns; their
     * onClose follows.
     *
     * <p>Needs no memory of its own. After an exception it is called again and continues behind the step that threw.
     */
    void close() {
        registry.refuse("the loop is closed");
        queue.close();
        for (Runnable task; (task = queue.poll()) != null; ) {
            try {
                counters.add(LoopCounters.TASKS, 1);
                turn.run.begin(task);
                task.run();
            } catch (Throwable t) {
                taskFailed(LoopError.Origin.TASK, task, t);
            }
            turn.run.end();
        }
        closed = true;
        for (SourceRegistration registration; (registration = registry.any()) != null; ) {
            if (!registration.refuse() && !registration.end(null, true)) {
                registry.release(registration); // it had ended, but was not released: the stack was full, for instance
            }
        }
        while (!updates.isEmpty()) {
            updates.run();
        }
        updates.close();
        timers.cancelAll();
        while (closingSteps < 3) {
            closeOwned(closingSteps++);
        }
    }

    private void closeOwned(int step) {
        switch (step) {
            case 0 -> {
                try {
                    poller.close();
                } catch (IOException | RuntimeException e) {
                    report(LoopError.Origin.CLOSE, loop, e);
                }
            }
            case 1 -> computations.cancelAll();
            default -> ownedPools.end();
        }
    }
}
