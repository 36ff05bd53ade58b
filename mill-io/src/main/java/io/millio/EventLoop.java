package io.millio;

import io.millio.internal.Arguments;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import io.millio.transport.Capability;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop (a reactor): waits for sources to become ready, calls their handlers, and runs tasks and timers.
 *
 * <p>A loop is driven by one thread at a time: the one that calls {@link #run} or {@link #runOnce}, or its own after
 * {@link #start}. One pass is a turn; "in the loop" means inside a turn. Unless a method says otherwise it may be
 * called from any thread, and none waits for a turn. Times are those of the loop's clock.
 *
 * <p>Handlers run where the dispatch says: on worker threads (the default), in the turn ({@link #lowLatency}), or on
 * any executor. Tasks and timers always run in the turn: they must not block. Waiting in a turn for a future that only
 * this loop completes would never return, and throws {@link IllegalStateException} instead.
 */
public final class EventLoop implements Executor, AutoCloseable {
    /** The default number of connections that may wait to be accepted; the system may cap it. */
    public static final int DEFAULT_BACKLOG = 4096;

    private final String name;
    private final Transport transport;
    private final Reactor reactor;
    private final Lifecycle lifecycle;
    private final @Nullable Resolver resolver;
    private final @Nullable StallDetector watch; // kept for as long as the loop is

    EventLoop(LoopSettings settings) throws IOException {
        this.name = settings.name();
        this.transport = settings.transport();
        this.resolver = settings.resolver();
        this.reactor = new Reactor(this, settings);
        this.lifecycle = new Lifecycle(reactor, name + "-loop", settings.threadFactory(), transport);
        this.watch = settings.stallNanos() == 0 ? null : detector(settings.stallNanos(), settings.stallListener());
        if (watch != null) {
            watch(watch);
        }
    }

    /**
     * Creates a loop with 4 worker threads, 1,024 events a turn and a poll timeout of 100 ms, on the best transport.
     *
     * @throws java.io.UncheckedIOException if the system refuses a poller
     */
    public static EventLoop create() {
        return builder().build();
    }

    /**
     * Creates a loop with worker threads, on the best transport.
     *
     * @param workers how many threads run handlers, at least 1
     * @param eventCapacity the most events a turn handles, at least 1
     * @param pollTimeout the longest sleep of a turn; zero: it never sleeps
     */
    public static EventLoop create(int workers, int eventCapacity, Duration pollTimeout) {
        return builder()
                .workers(workers)
                .eventCapacity(eventCapacity)
                .pollTimeout(pollTimeout)
                .build();
    }

    /**
     * Creates a loop whose handlers run in the turn: the shortest way from an event to its handler, which must not
     * block.
     */
    public static EventLoop lowLatency() {
        return builder().direct().build();
    }

    /** Returns a builder with the defaults of {@link #create()}. */
    public static EventLoopBuilder builder() {
        return new EventLoopBuilder();
    }

    // ---- sources

    /** Opens a listening socket of this loop's transport. The caller closes it, unless registration succeeds. */
    public TcpListener openListener(SocketAddress address) throws IOException {
        return openListener(address, DEFAULT_BACKLOG);
    }

    /** As {@link #openListener(SocketAddress)}, with the number of connections that may wait to be accepted. */
    public TcpListener openListener(SocketAddress address, int backlog) throws IOException {
        return transport.openListener(address, backlog);
    }

    /** As {@link #openListener(SocketAddress, int)}, with options that are set before it is bound. */
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        return transport.openListener(address, backlog, settings);
    }

    /**
     * Opens a socket of this loop's transport and begins to connect it: register it for writing, and when it is
     * writable call {@link TcpStream#finishConnect}. The caller closes it, unless registration succeeds.
     */
    public TcpStream openStream(SocketAddress remote) throws IOException {
        return transport.openStream(remote);
    }

    /** As {@link #openStream(SocketAddress)}, from a local address and with options that are set before it connects. */
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        return transport.openStream(remote, local, settings);
    }

    /** Opens a datagram socket of this loop's transport. The caller closes it, unless registration succeeds. */
    public UdpSocket openUdp(SocketAddress local) throws IOException {
        return openUdp(local, SocketSettings.NONE);
    }

    /** As {@link #openUdp(SocketAddress)}, with options that are set before it is bound. */
    public UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        return transport.openUdp(local, settings);
    }

    /** As {@link #register(Source, Token, Interest, EventHandler)}, with a token that equals no other. */
    public Registration register(Source source, Interest interest, EventHandler handler) throws IOException {
        return register(source, Token.unique(), interest, handler);
    }

    /**
     * Registers a source with this loop. Its handler may be called before this returns. From here on the loop closes
     * the source when it closes; if this throws, nothing is registered and the source is the caller's as before. O(1).
     *
     * @throws IllegalArgumentException if the source is of another transport
     * @throws IllegalStateException if the token or the source is registered already; that registration is unchanged
     * @throws RejectedExecutionException if the loop is closed or shutting down, also when that begins during this call
     * @throws IOException if the source is closed, or the system refuses it
     */
    public Registration register(Source source, Token token, Interest interest, EventHandler handler)
            throws IOException {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(interest, "interest");
        Objects.requireNonNull(handler, "handler");
        return reactor.register(source, token, interest, handler);
    }

    /** Returns the live registration of a token. O(1), without a lock. */
    public Optional<Registration> registration(Token token) {
        return Optional.ofNullable(reactor.registry.find(Objects.requireNonNull(token, "token")));
    }

    /**
     * Ends the registration of a token, as {@link Registration#deregister} does.
     *
     * @throws IllegalStateException if there is none
     */
    public void deregister(Token token) {
        Registration live = reactor.registry.find(Objects.requireNonNull(token, "token"));
        if (live == null) {
            throw new IllegalStateException("token: " + token + " is not registered");
        }
        live.deregister();
    }

    // ---- driving

    /**
     * Drives the loop on the calling thread until {@link #stop}, a shutdown or {@link #close}. An interrupt does not
     * end it; the thread is interrupted again when this returns.
     *
     * @throws IllegalStateException if it is being driven already, or the thread is virtual and the transport without
     *     {@link Capability#VIRTUAL_THREADS}
     * @throws RejectedExecutionException if it is closed
     */
    public void run() {
        lifecycle.run();
    }

    /**
     * Runs one turn on the calling thread, sleeping at most until the next timer or the poll timeout; none if a
     * {@link #stop} is pending.
     *
     * @return how many events, timers and tasks it handled
     * @throws IllegalStateException if the loop is being driven already
     * @throws RejectedExecutionException if it is closed
     */
    public int runOnce() {
        return lifecycle.runOnce();
    }

    /**
     * Drives the loop on a new thread of its own, as {@link #run} does.
     *
     * @return the thread
     * @throws IllegalStateException if it is being driven already
     * @throws RejectedExecutionException if it is closed
     */
    public Thread start() {
        return lifecycle.start();
    }

    /**
     * Makes {@link #run} return after the turn in progress, and returns at once. A call before {@code run} makes that
     * run return at once. The loop stays open: a later run continues with all its timers and registrations. During a
     * shutdown it has no effect.
     */
    public void stop() {
        lifecycle.stop();
    }

    /**
     * Shuts the loop down gracefully: closes its listeners, notifies the handlers ({@link EventHandler#onShutdown}),
     * runs until every registration has ended and no task waits, and closes; at the deadline at the latest. Timers do
     * not hold it up. From the start of it registrations are refused; tasks and timers are taken until it has closed,
     * since handlers that finish their work may need them, and refused afterwards with
     * {@link RejectedExecutionException}.
     *
     * <p>It happens on the thread that drives the loop: by {@code runOnce} as often as that is called. A loop that no
     * thread drives is shut down in this call. {@link #stop} does not interrupt it. A second call changes nothing.
     *
     * <p>Tasks that were accepted are run in any case, also after the deadline, since others may wait for them: a loop
     * with much to do, or in which a callback is stuck, closes later than that. The future does not wait for it: with
     * the system's clock it completes a twentieth of a second after the deadline at the latest, then on a thread of the
     * platform's that must not be blocked. A program that ends bounds its wait by this, not by {@link #close}.
     *
     * @param deadline how long it may take
     * @return completed when the loop has closed: true if everything had ended by then, false if the deadline cut it
     *     off; or false soon after the deadline
     */
    public CompletableFuture<Boolean> shutdown(Duration deadline) {
        return lifecycle.shutdown(Arguments.nanos(deadline, "deadline"));
    }

    /**
     * Closes the loop now: tasks that were accepted are run, registrations end and their sources are closed, timers are
     * cancelled. Waits for the turn under way, however long a callback in it takes, not for handlers on other threads;
     * called in a turn of this loop or of another one, it does not wait, and happens after the turn. A second call does
     * nothing.
     */
    @Override
    public void close() {
        lifecycle.close();
    }

    // ---- tasks and timers

    /**
     * Runs a task in one of the next turns. Tasks of one thread run in the order of its calls. Takes no lock.
     *
     * @throws RejectedExecutionException if the loop is closed
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        if (!reactor.offer(task)) {
            throw new RejectedExecutionException("the loop is closed");
        }
    }

    /**
     * Computes off the loop, on the loop's {@link ComputePool}, and completes the future in the loop: what is attached
     * to it in the same turn runs there. A caller outside the loop may find it complete, and then runs what it attaches
     * itself: there {@link #compute(Priority, Callable, BiConsumer)} is right. Cancelling the future takes out a task
     * that has not started, and completes it on the thread that cancels. A shutdown waits for it; a close cancels what
     * has not started.
     *
     * @throws RejectedExecutionException if the loop or the pool is closed, or the pool is full
     */
    public <T extends @Nullable Object> CompletableFuture<T> compute(Priority priority, Callable<? extends T> task) {
        return compute(priority, task, (value, failure) -> {});
    }

    /**
     * Computes as {@link #compute(Priority, Callable)} does, with a callback that is called in the loop wherever this
     * is called from, unless the future is cancelled: then on the thread that cancels it. What it throws goes to the
     * error handler.
     *
     * @param callback called once, with the result and null, or null and what was thrown; not if this throws
     * @throws RejectedExecutionException if the loop or the pool is closed, or the pool is full
     */
    public <T extends @Nullable Object> CompletableFuture<T> compute(
            Priority priority,
            Callable<? extends T> task,
            BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
        Objects.requireNonNull(priority, "priority");
        Objects.requireNonNull(task, "task");
        return reactor.compute(priority, task, Objects.requireNonNull(callback, "callback"));
    }

    /**
     * Schedules a task to run once in the turn, after a delay. A timer never fires early by the loop's clock; it is
     * late by at most a microsecond, the rest of the turn, and what the transport rounds a sleep up by: up to a
     * millisecond with {@code java.nio}, which sleeps for whole milliseconds. Timers with equal deadlines fire in the
     * order in which they were scheduled. O(1), any thread.
     *
     * @param delay not negative; capped at 73 years
     * @throws RejectedExecutionException if the loop is closed
     */
    public Timer schedule(Duration delay, Runnable task) {
        return scheduleNanos(Arguments.nanos(delay, "delay"), task);
    }

    /** Schedules as {@link #schedule(Duration, Runnable)} does, without a {@link Duration} to allocate. */
    public Timer scheduleNanos(long delayNanos, Runnable task) {
        return reactor.timers.schedule(Arguments.atLeast(0, delayNanos, "delayNanos"), task);
    }

    /**
     * Schedules as {@link #schedule(Duration, Runnable)} does, with a callback for the case that the loop closes while
     * the timer waits: for work that must end in any case.
     *
     * @param loopClosed called at most once, in the turn that closes the loop
     */
    public Timer schedule(Duration delay, Runnable task, Runnable loopClosed) {
        return reactor.timers.schedule(delay, task, Objects.requireNonNull(loopClosed, "loopClosed"));
    }

    /**
     * Runs a task again and again, also after a run that throws.
     *
     * @param initialDelay until the first run, not negative
     * @param period between runs, positive
     * @param repeat how the period is counted
     * @throws RejectedExecutionException if the loop is closed
     */
    public Timer scheduleRepeating(Duration initialDelay, Duration period, Repeat repeat, Runnable task) {
        return reactor.timers.schedule(initialDelay, period, repeat, task);
    }

    /**
     * Returns the time: in the loop the turn's, which costs nothing; elsewhere the clock's. Nanoseconds; compare by
     * difference.
     */
    public long nanoTime() {
        return reactor.nanoTime();
    }

    /**
     * Returns the clock of this loop, which advances during a turn too; for times that must not count from the
     * beginning of a long turn.
     */
    public LongSupplier nanoClock() {
        return reactor.clock;
    }

    // ---- state

    /** Returns whether the caller is inside a turn of this loop. */
    public boolean inLoop() {
        return reactor.inLoop();
    }

    /** Returns whether the loop has been closed. */
    public boolean isClosed() {
        return reactor.isClosed();
    }

    /** Returns the pool that runs {@link #compute}, for its statistics, or to share it. */
    public ComputePool computePool() {
        return reactor.computePool;
    }

    /** Returns the number of registered sources. O(1). */
    public int registrations() {
        return reactor.registry.size();
    }

    /** Returns the live registrations, for diagnostics: a copy. O(n). */
    public List<Registration> liveRegistrations() {
        return Collections.unmodifiableList(reactor.registry.all());
    }

    /**
     * Describes what this loop does now, in some lines of text for people: counters, what runs and where, on the loop's
     * thread and on others, and how many registrations each class of handlers has. Does not need the loop, which may be
     * stuck. O(registrations).
     */
    public String dump() {
        StringBuilder text = new StringBuilder(1024);
        LoopDump.append(text, reactor, lifecycle.driver());
        return text.toString();
    }

    /** Returns the transport of this loop's sources. */
    public Transport transport() {
        return transport;
    }

    /** Returns what looks up names for clients on this loop that have no resolver of their own; null: nothing. */
    public @Nullable Resolver resolver() {
        return resolver;
    }

    private void watch(StallDetector detector) {
        boolean watched = false;
        try {
            StallWatch.add(detector);
            watched = true;
        } finally {
            if (!watched) {
                lifecycle.close(); // no thread could be made
            }
        }
    }

    /** Returns what finds this loop's stalls, when it is given samples. */
    StallDetector detector(long thresholdNanos, StallListener listener) {
        return new StallDetector(reactor, lifecycle, thresholdNanos, listener);
    }

    Reactor reactor() {
        return reactor;
    }

    /** Returns counters of what the loop has done so far. */
    public LoopStats stats() {
        return reactor.stats();
    }

    @Override
    public String toString() {
        return name;
    }
}
