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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The turn of a loop: sleep, take events, run timers and tasks, tell who has ended. Who may drive it, and until when,
 * is the {@link Lifecycle}'s.
 */
final class Reactor {
    /** The longest sleep; it only keeps deadlines within a {@code long}. */
    private static final long MAX_SLEEP_NANOS = Long.MAX_VALUE / 4;

    /** With this many sources the error handler is rehearsed, quiet moment or not: descriptors may become few. */
    private static final int FEW_SOURCES = 16;

    final EventLoop loop;
    final LongSupplier clock;
    final long originNanos;
    final Poller poller;
    final HandlerRegistry registry = new HandlerRegistry();
    final LoopCounters counters = new LoopCounters();
    final ErrorReporter errors;
    final boolean keepAfterError;
    final @Nullable Executor dispatcher; // null: handlers run in the turn
    final LoopTimers timers;
    final ComputePool computePool;

    private final Computations computations;
    private final OwnedPools ownedPools;
    private final long pollTimeoutNanos;
    private final int maxTimersPerTurn;
    private final int maxTasksPerTurn;
    private final TaskQueue queue = new TaskQueue();
    private final WakeWord wakeWord = new WakeWord();

    // Registrations whose onClose has not been told, and computations that have not ended: incremented and decremented
    // on any thread.
    private final AtomicInteger unsettled = new AtomicInteger();

    // The thread that drives the loop, while it does; it does nothing but turns then. Plain: a thread compares it
    // with itself only, and only itself writes itself there and takes itself out again, so it can't be misled by what
    // it sees of others.
    private @Nullable Thread turnThread;

    // Volatile: set in the turn or by whoever waits for the loop to end, read by any thread.
    private volatile boolean closed;
    private volatile boolean shuttingDown;

    // Volatile: set by any thread whose handler failed fatally, read by the lifecycle after each turn.
    private volatile @Nullable Throwable failure;

    // The turn's own.
    final TurnState turn;
    private List<SourceRegistration> ended = new ArrayList<>();
    private List<SourceRegistration> endedSpare = new ArrayList<>();
    private final @Nullable HandOver handOver;
    private boolean rehearsed;

    Reactor(EventLoop loop, LoopSettings settings) throws IOException {
        this.loop = loop;
        this.clock = settings.clock();
        this.originNanos = clock.getAsLong();
        this.errors = new ErrorReporter(settings.errorHandler());
        this.keepAfterError = settings.keepAfterError();
        this.dispatcher = settings.dispatcher();
        this.handOver = dispatcher == null ? null : new HandOver(dispatcher);
        this.ownedPools = settings.ownedPools();
        this.computePool = settings.computePool();
        this.computations = new Computations(computePool, loop);
        this.pollTimeoutNanos = Math.min(settings.pollTimeoutNanos(), MAX_SLEEP_NANOS);
        this.maxTimersPerTurn = settings.maxTimersPerTurn();
        this.maxTasksPerTurn = settings.maxTasksPerTurn();
        this.turn = new TurnState(settings.eventCapacity(), originNanos);
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
        registry.claim(registration);
        unsettled.incrementAndGet();
        try {
            registration.added(poller.add(source, registration.id, interest));
        } catch (Throwable t) {
            if (registration.abandon()) {
                registry.release(registration);
            }
            throw t;
        }
        wakeUnlessInLoop();
        return registration;
    }

    /** Queues a task for the next turn; false if the loop is closed. */
    boolean offer(Runnable task) {
        return offer(task, Long.MIN_VALUE);
    }

    /**
     * Queues a task that must be run by a time since the loop was made; it wakes the loop only if that sleeps longer.
     */
    boolean offer(Runnable task, long neededByNanos) {
        if (queue.offer(task) != TaskQueue.Offer.TAKEN) {
            return false;
        }
        if (!inLoop()) {
            wake(neededByNanos);
        }
        return true;
    }

    void wakeUnlessInLoop() {
        if (!inLoop()) {
            wake(Long.MIN_VALUE);
        }
    }

    private void wake(long neededByNanos) {
        if (wakeWord.claimWakeUp(neededByNanos)) {
            poller.wakeup();
        }
    }

    <T extends @Nullable Object> CompletableFuture<T> compute(Priority priority, Callable<? extends T> task) {
        if (closed) {
            throw new RejectedExecutionException("the loop is closed");
        }
        unsettled.incrementAndGet();
        try {
            CompletableFuture<T> result = computations.begin(priority, task, this::settled);
            if (closed) {
                computations.cancelAll(); // the close may have missed it
            }
            return result;
        } catch (Throwable t) {
            settled();
            throw t;
        }
    }

    /** Has a run done by the executor. In the turn. */
    void handOver(SourceRegistration registration, Runnable run) {
        Objects.requireNonNull(handOver).add(registration, run);
    }

    /** One registration has told everything it had to tell, or one computation has ended. */
    void settled() {
        if (unsettled.decrementAndGet() == 0 && shuttingDown) {
            wakeUnlessInLoop();
        }
    }

    /** Something failed that no single handler answers for: the loop ends. */
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
                (int) counters.get(LoopCounters.TIMERS_LIVE));
    }

    // ---- the turn, by the one thread that the lifecycle lets drive

    /** The calling thread drives from here on. */
    void enter() {
        turnThread = Thread.currentThread();
    }

    /** The calling thread drives no more. */
    void leave() {
        turnThread = null;
    }

    /**
     * One pass. Sleeps until something happens, a timer is due, the poll timeout is over, or the limit; not at all when
     * there is work, or when the lifecycle has a request to carry out.
     *
     * @return how many events, timers and tasks were handled
     */
    int turn(long limitNanos, Lifecycle lifecycle) throws IOException {
        try {
            long deadlineNanos = sleepDeadlineNanos(limitNanos, lifecycle);
            turn.beginPoll();
            poller.poll(deadlineNanos, turn);
        } finally {
            wakeWord.awake();
        }
        if (Thread.interrupted()) {
            lifecycle.interrupted(); // it ends a sleep and nothing else; run() hands it back when it returns
        }
        turn.nanos = clock.getAsLong();
        counters.add(LoopCounters.TURNS, 1);
        int handled = runEvents();
        handled += timers.expire(turn.nanos, maxTimersPerTurn);
        handled += runTasks();
        tellEnded();
        if (!rehearsed && (handled == 0 || registry.size() >= FEW_SOURCES)) {
            rehearsed = true; // not when the loop is made: a program's first answer would wait for it
            errors.rehearse();
        }
        return handled;
    }

    private long sleepDeadlineNanos(long limitNanos, Lifecycle lifecycle) {
        boolean idle = queue.isEmpty();
        long now = clock.getAsLong(); // a reading can take long, so that tasks come between the two looks
        long sleep = Math.min(pollTimeoutNanos, limitNanos - now);
        sleep = Math.min(sleep, timers.nanosUntilNext(now));
        if (sleep <= 0 || !idle) {
            return now;
        }
        wakeWord.sleepUntil(now + sleep - originNanos);
        // The second look: what came before the announcement woke nobody.
        if (queue.isEmpty() && !lifecycle.isAwaited()) {
            return now + sleep;
        }
        wakeWord.awake();
        return now;
    }

    @SuppressWarnings("ThreadPriorityCheck") // the yield is a hint that saves work; nothing relies on it
    private int runEvents() {
        turn.tellEvents(registry);
        if (handOver != null && handOver.flush()) {
            // Lets the executor's threads run where there are more threads than processors: what they read is not
            // told again by the next poll, and then need not be disarmed. See docs/decisions/0004.
            Thread.yield();
        }
        if (turn.eventsHandled != 0) {
            counters.add(LoopCounters.EVENTS, turn.eventsHandled);
        }
        return turn.eventsHandled;
    }

    private int runTasks() {
        int run = 0;
        int counted = 0;
        for (Runnable task; run < maxTasksPerTurn && (task = queue.poll()) != null; run++) {
            counted += runQueued(task);
        }
        if (counted != 0) {
            counters.add(LoopCounters.TASKS, counted);
        }
        return run;
    }

    /** Returns 1 for a program's task, 0 for one of the library's own, which throws nothing. */
    private int runQueued(Runnable task) {
        if (task instanceof SourceRegistration || task instanceof LoopTimer) {
            task.run();
            return 0;
        }
        try {
            task.run();
        } catch (Throwable t) {
            taskFailed(LoopError.Origin.TASK, task, t);
        }
        return 1;
    }

    void taskFailed(LoopError.Origin origin, Object subject, Throwable cause) {
        errors.report(origin, subject, cause);
        if (ErrorReporter.isFatal(cause)) {
            fail(cause);
        }
    }

    /** A registration ended in this turn; its onClose comes when the turn's other callbacks are done. */
    void endedInTurn(SourceRegistration registration) {
        ended.add(registration);
    }

    private void tellEnded() {
        // What ends while these are told is told too: onClose may close others.
        while (!ended.isEmpty()) {
            List<SourceRegistration> telling = ended;
            ended = endedSpare;
            for (SourceRegistration registration : telling) {
                registration.tellCloseIfDue(false);
            }
            telling.clear();
            endedSpare = telling;
        }
    }

    // ---- shutting down and closing, by the driving thread

    /** Takes no more registrations, and ends the listeners. */
    void stopAccepting() {
        shuttingDown = true;
        registry.refuse("the loop is shutting down");
        for (SourceRegistration registration : registry.all()) {
            if (registration.source() instanceof TcpListener) {
                registration.end(null, true);
            }
        }
        tellEnded();
    }

    void tellShutdown() {
        registry.all().forEach(SourceRegistration::tellShutdown);
        if (handOver != null) {
            handOver.flush();
        }
        tellEnded();
    }

    boolean isDrained() {
        return unsettled.get() == 0 && queue.isEmpty();
    }

    /**
     * Ends everything: runs the tasks that were taken, refuses others, ends the registrations and closes their sources,
     * cancels the timers. Handlers that run on an executor may still be finishing when this returns; their onClose
     * follows.
     */
    void close() {
        registry.refuse("the loop is closed");
        queue.close();
        int counted = 0;
        for (Runnable task; (task = queue.poll()) != null; ) {
            counted += runQueued(task);
        }
        counters.add(LoopCounters.TASKS, counted);
        closed = true;
        for (SourceRegistration registration : registry.all()) {
            registration.end(null, true);
        }
        tellEnded();
        timers.cancelAll();
        try {
            poller.close();
        } catch (IOException | RuntimeException e) {
            errors.report(LoopError.Origin.CLOSE, loop, e);
        }
        computations.cancelAll();
        ownedPools.end();
    }
}
