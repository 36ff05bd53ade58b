package io.millio;

import io.millio.internal.Deadlines;
import io.millio.internal.DrivenLoop;
import io.millio.internal.Exceptions;
import io.millio.internal.LoopFuture;
import io.millio.internal.VirtualThreads;
import io.millio.transport.Capability;
import io.millio.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Controls which thread runs the loop and when it stops. At most one thread drives at a time; requests to stop, shut
 * down and close come from any thread and are carried out by the driver, between two turns. Where there is none,
 * close() and shutdown() become it.
 *
 * <pre>
 *   OPEN --shutdown--&gt; DRAINING --drained, or deadline--&gt; CLOSED
 *   OPEN, DRAINING --close, or failure--&gt; CLOSED
 * </pre>
 */
final class Lifecycle {
    /** How many turns in a row may fail for want of memory or stack until the loop closes. */
    private static final int MAX_FAILED_TURNS = 100;

    private static final long FAILED_TURN_PAUSE_NANOS = 10_000_000;

    private final Reactor reactor;
    private final String threadName;
    private final @Nullable ThreadFactory threadFactory; // null: a plain thread
    private final Transport transport;
    private final Object monitor = new Object();

    // Guarded by the monitor.
    private @Nullable Thread driver;
    private @Nullable Thread ownThread;
    private boolean drivenByRunOnce;

    // Written under the monitor, but for stopRequested; volatile, for the loop looks at them without it.
    private volatile boolean stopRequested;
    private volatile boolean closeRequested;
    private volatile @Nullable Drain drain;

    // Driver only: whether the end has begun, and whether nothing was cut off by it.
    private boolean finishing;
    private boolean drained;
    private boolean finished;

    /** A shutdown under way. The fields that change belong to the driver. */
    private static final class Drain {
        final long deadlineNanos;
        final CompletableFuture<Boolean> done;
        int turns;

        Drain(EventLoop loop, long nowNanos, long timeoutNanos) {
            this.done = new LoopFuture<>(loop);
            this.deadlineNanos = nowNanos + timeoutNanos;
        }
    }

    Lifecycle(Reactor reactor, String threadName, @Nullable ThreadFactory threadFactory, Transport transport) {
        this.reactor = reactor;
        this.transport = transport;
        this.threadName = threadName;
        this.threadFactory = threadFactory;
    }

    // ---- driving

    void run() {
        take(Thread.currentThread(), false);
        drive(true);
    }

    int runOnce() {
        take(Thread.currentThread(), true);
        return drive(false);
    }

    Thread start() {
        Runnable drive = () -> drive(true);
        Thread thread = threadFactory == null ? new Thread(drive, threadName) : threadFactory.newThread(drive);
        if (thread == null) {
            throw new IllegalStateException("threadFactory: gave null for a thread");
        }
        take(thread, false);
        try {
            thread.start();
        } catch (Throwable t) {
            synchronized (monitor) {
                driver = Thread.currentThread();
                ownThread = null;
            }
            if (!release(true)) {
                drive(true); // a close or shutdown has relied on that thread
            }
            throw t;
        }
        return thread;
    }

    private void take(Thread thread, boolean once) {
        if (VirtualThreads.isVirtual(thread) && !transport.capabilities().contains(Capability.VIRTUAL_THREADS)) {
            throw new IllegalStateException("a virtual thread can't drive a loop on transport " + transport.name()
                    + ", whose waits would keep other virtual threads from running: take a platform thread, start(),"
                    + " or transport nio");
        }
        synchronized (monitor) {
            if (reactor.isClosed()) {
                throw new RejectedExecutionException("the loop is closed");
            }
            if (driver != null) {
                throw new IllegalStateException("the loop is run already, by " + driver);
            }
            driver = thread;
            ownThread = thread == Thread.currentThread() ? null : thread;
            drivenByRunOnce = once;
        }
    }

    /**
     * Turns until there is a reason to return; once, or again and again. The calling thread is the driver. Whatever
     * fails, the loop is closed before this returns: {@link #finish} needs no memory, and is called until it completes.
     */
    private int drive(boolean again) {
        int handled = 0;
        boolean interrupted = false;
        Throwable failed = null;
        boolean released = false;
        Object outer = DrivenLoop.get();
        mark(reactor.loop);
        try {
            do {
                reactor.enter();
                try {
                    handled += turns(again);
                    if (failed == null && reactor.failure() != null) {
                        failed = reactor.failure();
                        closeRequested = true;
                    }
                    if (closeRequested) {
                        finish();
                    }
                } catch (Throwable t) {
                    closeRequested = true;
                    failed = failed == null ? t : failed;
                    reactor.report(LoopError.Origin.LOOP, reactor.loop, t);
                } finally {
                    interrupted |= reactor.takeInterrupted();
                    reactor.leave(); // before another thread may drive
                }
                released = release(again);
            } while (!released);
        } finally {
            mark(outer);
            if (!released) {
                synchronized (monitor) {
                    driver = null; // else nothing could close the loop any more
                    monitor.notifyAll();
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        rethrow(failed);
        return handled;
    }

    private static void mark(@Nullable Object driven) {
        try {
            DrivenLoop.set(driven);
        } catch (Throwable t) {
            // No memory for the mark: the thread waits for the other loop, should it close one.
        }
    }

    private int turns(boolean again) throws IOException {
        int handled = 0;
        int failedInARow = 0;
        boolean more = true;
        while (more) {
            try {
                Drain draining = drain;
                if (closeRequested || (draining == null && consumeStop())) {
                    return handled;
                }
                handled += reactor.turn(this);
                if (draining != null) {
                    advance(draining);
                }
                failedInARow = 0;
                more = again && reactor.failure() == null;
            } catch (OutOfMemoryError | StackOverflowError e) {
                if (++failedInARow == MAX_FAILED_TURNS) {
                    throw e;
                }
                reactor.report(LoopError.Origin.LOOP, reactor.loop, e);
                if (failedInARow > 1) {
                    LockSupport.parkNanos(FAILED_TURN_PAUSE_NANOS);
                }
                more = again;
            }
        }
        return handled;
    }

    /** Returns how long the loop may sleep from now on for the sake of a shutdown. */
    long nanosUntilDeadline(long nowNanos) {
        Drain draining = drain;
        return draining == null ? Long.MAX_VALUE : draining.deadlineNanos - nowNanos;
    }

    /** Returns whether a shutdown is under way whose deadline is over. */
    boolean isOverdue() {
        Drain draining = drain;
        return draining != null && reactor.clock.getAsLong() - draining.deadlineNanos >= 0;
    }

    private boolean consumeStop() {
        boolean stop = stopRequested;
        if (stop) {
            stopRequested = false;
        }
        return stop;
    }

    /** Stops driving, unless a request came that only a driver can carry out; returns whether it did. */
    private boolean release(boolean again) {
        synchronized (monitor) {
            boolean pending = closeRequested || (again && drain != null);
            if (pending && !finished) {
                return false;
            }
            driver = null;
            monitor.notifyAll();
            return true;
        }
    }

    private static void rethrow(@Nullable Throwable failed) {
        if (failed instanceof IOException io) {
            throw new UncheckedIOException("the loop failed and is closed", io);
        } else if (failed != null) {
            throw Exceptions.rethrow(failed);
        }
    }

    private void finish() {
        if (!finishing) {
            finishing = true;
            drained = drain == null || reactor.isDrained();
        }
        reactor.close();
        Drain requested;
        synchronized (monitor) {
            requested = drain; // also one that was requested during the close
        }
        if (requested != null) {
            requested.done.complete(drained);
        }
        finished = true;
    }

    /** Returns whether a request waits for the driver, which therefore must not sleep. */
    boolean isAwaited() {
        Drain draining = drain;
        // A stop is not carried out during a drain, so it must not keep the driver awake either.
        boolean requested = draining == null ? stopRequested : draining.turns < 2 || reactor.isDrained();
        return requested || closeRequested || reactor.failure() != null;
    }

    // ---- requests

    void stop() {
        stopRequested = true;
        reactor.wakeUnlessInLoop();
    }

    CompletableFuture<Boolean> shutdown(long deadlineNanos) {
        long now = reactor.clock.getAsLong(); // a clock may be the program's code, which must not run in the monitor
        long timeoutNanos = Math.min(deadlineNanos, Long.MAX_VALUE / 4);
        Drain draining;
        boolean driveHere;
        synchronized (monitor) {
            draining = drain;
            if (draining == null) {
                draining = new Drain(reactor.loop, now, timeoutNanos);
                Deadlines.bound(draining.done, timeoutNanos, reactor.clock);
                drain = draining;
                if (reactor.isClosed()) {
                    draining.done.complete(true);
                }
            }
            driveHere = driver == null && !drivenByRunOnce && !reactor.isClosed();
            if (driveHere) {
                driver = Thread.currentThread();
            }
        }
        if (driveHere) {
            drive(true);
        } else {
            reactor.wakeUnlessInLoop();
        }
        return draining.done.copy();
    }

    /**
     * One step after each turn of a drain. First the listeners are closed; then, when what had arrived has been
     * handled, the handlers are notified; then it waits for the registrations to end.
     */
    private void advance(Drain draining) {
        int turn = draining.turns;
        if (turn == 0) {
            reactor.stopAccepting();
        } else if (turn == 1) {
            reactor.notifyShutdown();
        }
        draining.turns++; // last: a step that failed for want of memory is done again
        boolean over = reactor.clock.getAsLong() - draining.deadlineNanos >= 0;
        if (over || (turn > 0 && reactor.isDrained())) {
            closeRequested = true;
        }
    }

    void close() {
        boolean driveHere;
        synchronized (monitor) {
            closeRequested = true;
            if (driver == Thread.currentThread()) {
                return; // inside a turn, or a callback between two: the driver closes when it is over
            }
            driveHere = driver == null && !reactor.isClosed();
            if (driveHere) {
                driver = Thread.currentThread();
            }
        }
        if (driveHere) {
            drive(true);
            return;
        }
        reactor.wakeUnlessInLoop();
        if (DrivenLoop.get() == null) { // else the other loop might be waiting for the one of this thread
            awaitClosed();
        }
    }

    /** Returns the thread that drives the loop now; null if none does. Any thread. */
    @Nullable
    Thread driver() {
        synchronized (monitor) {
            return driver;
        }
    }

    private boolean isDriven() {
        synchronized (monitor) {
            return driver != null;
        }
    }

    private void awaitClosed() {
        reactor.poller.awaitTurn(() -> !isDriven());
        boolean interrupted = false;
        Thread own;
        synchronized (monitor) {
            while (driver != null) {
                try {
                    monitor.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            own = ownThread;
        }
        while (own != null && own != Thread.currentThread() && own.isAlive()) {
            try {
                own.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
