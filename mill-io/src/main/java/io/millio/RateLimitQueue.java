package io.millio;

import io.millio.internal.Arguments;
import io.millio.internal.Exceptions;
import io.millio.internal.LoopFuture;
import io.millio.internal.Persistently;
import io.millio.limit.RateLimit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Waits on a loop for permits of a limit: first come, first served, up to a number of waiters.
 *
 * <p>There are two forms. {@link #acquire(long, Waiter)} makes no garbage and is for the loop; {@link #acquire(long)}
 * returns a future and is for any thread. Every request ends exactly once: granted, failed because the loop has closed,
 * or cancelled.
 *
 * <p>The limit may be shared with other callers, which compete: then the first waiter waits again. The limiter's clock
 * should be the loop's. O(1), except for a cancellation, which is O(waiters).
 */
public final class RateLimitQueue {
    /** A request that waits; can be used again when its wait is over. In the loop, unless a method says otherwise. */
    public abstract static class Waiter {
        private @Nullable RateLimitQueue queue; // null when it does not wait
        private long permits;

        /** For subclasses. */
        protected Waiter() {}

        /** Called when the permits have been acquired, in a later turn than the request. */
        protected abstract void onAcquired();

        /** Called when the permits can never be acquired. */
        protected abstract void onFailed(Throwable cause);

        /** Returns whether the request is waiting. */
        public final boolean isWaiting() {
            return queue != null;
        }

        /** Cancels the wait without calling the waiter; returns false if it is not waiting. */
        public final boolean cancel() {
            RateLimitQueue from = queue;
            if (from == null) {
                return false;
            }
            from.requireInLoop();
            boolean first = from.waiting.peek() == this;
            from.waiting.remove(this);
            queue = null;
            if (first) {
                from.limitChanged(); // the next must not wait for as many permits as this one
            }
            return true;
        }
    }

    private static final long RETRY_NANOS = 10_000_000;

    private final EventLoop loop;
    private final RateLimit limit;
    private final Runnable retry = () -> await(RETRY_NANOS);
    private final int maxWaiters;

    // All of the loop's turn.
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

    // Waiting as long as there is a waiter: until the first one's permits should be available.
    private @Nullable Timer timer;

    /**
     * Creates a queue. Any thread.
     *
     * @param maxWaiters how many may wait at a time, at least 1
     * @throws IllegalArgumentException if that is not positive
     */
    public RateLimitQueue(EventLoop loop, RateLimit limit, int maxWaiters) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.limit = Objects.requireNonNull(limit, "limit");
        this.maxWaiters = Arguments.atLeast(1, maxWaiters, "maxWaiters");
    }

    /**
     * Takes permits now, or calls the waiter when they are available. In the loop only.
     *
     * @param permits how many, from 1 up to the limit's burst
     * @return true if they are acquired already: then the waiter is not called
     * @throws IllegalArgumentException if they can never be available
     * @throws IllegalStateException if this is not the loop, or the waiter waits already
     * @throws RejectedExecutionException if too many wait, or the loop is closed
     */
    public boolean acquire(long permits, Waiter waiter) {
        requireInLoop();
        if (waiter.queue != null) {
            throw new IllegalStateException("waiter: waits already");
        }
        if (loop.isClosed()) {
            throw new RejectedExecutionException("the loop is closed");
        }
        if (waiting.isEmpty() && limit.tryAcquire(permits)) {
            return true;
        }
        long waitNanos = limit.nanosUntilAvailable(permits); // also where others wait: it checks the argument
        if (waiting.size() == maxWaiters) {
            throw new RejectedExecutionException(maxWaiters + " wait for permits already, which is the limit");
        }
        if (waiting.isEmpty() || timer == null || !timer.isWaiting()) { // also if memory was short before
            await(waitNanos);
        }
        waiting.add(waiter);
        waiter.queue = this;
        waiter.permits = permits;
        return false;
    }

    /**
     * Takes permits as soon as they are available. Any thread; the future ends in the loop, with a
     * {@link RejectedExecutionException} if too many wait or the loop closes. Cancelling it ends the wait.
     *
     * @param permits how many, from 1 up to the limit's burst
     * @throws IllegalArgumentException if they can never be available
     * @throws RejectedExecutionException if the loop is closed
     */
    public CompletableFuture<@Nullable Void> acquire(long permits) {
        limit.nanosUntilAvailable(permits); // checks the argument, for the caller
        FutureWaiter waiter = new FutureWaiter(permits);
        if (loop.inLoop()) {
            waiter.begin();
        } else {
            loop.execute(waiter::begin);
        }
        return waiter.future;
    }

    /**
     * Reads the limit again after a change of its rate, which otherwise takes effect when the next permit was due
     * before the change. In the loop only.
     */
    public void limitChanged() {
        requireInLoop();
        if (!waiting.isEmpty() && !loop.isClosed()) {
            await(0);
        }
    }

    /** Returns the number of waiting requests. In the loop only. */
    public int waiters() {
        requireInLoop();
        return waiting.size();
    }

    private final class FutureWaiter extends Waiter {
        private final CompletableFuture<@Nullable Void> future;
        private final long wanted;

        FutureWaiter(long wanted) {
            this.future = new LoopFuture<>(loop);
            this.wanted = wanted;
        }

        void begin() {
            if (future.isDone()) {
                return; // cancelled on its way here
            }
            try {
                if (acquire(wanted, this)) {
                    onAcquired();
                    return;
                }
            } catch (RuntimeException | Error e) {
                onFailed(e);
                return;
            }
            // The result is a stage that is not needed.
            CompletableFuture<@Nullable Void> unusedStage = future.whenComplete((nothing, failure) -> {
                if (future.isCancelled()) {
                    cancelled();
                }
            });
        }

        private void cancelled() {
            if (loop.inLoop()) {
                cancel();
                return;
            }
            try {
                loop.execute(this::cancel);
            } catch (RejectedExecutionException e) {
                // Closed: all waits are over.
            }
        }

        @Override
        protected void onAcquired() {
            if (!future.complete(null)) {
                limit.giveBack(wanted);
            }
        }

        @Override
        protected void onFailed(Throwable cause) {
            Persistently.fail(future, cause);
        }
    }

    // ---- in the turn

    private void requireInLoop() {
        if (!loop.inLoop()) {
            throw new IllegalStateException("must be called in the loop " + loop);
        }
    }

    /** Calls {@link #grant} after a time; earlier than needed is fine. */
    private void await(long waitNanos) {
        if (timer == null) {
            timer = loop.schedule(Duration.ofNanos(waitNanos), this::grant, this::failAll);
        } else {
            timer.restartNanos(waitNanos);
        }
    }

    private void grant() {
        boolean done = false;
        try {
            grantAll();
            done = true;
        } finally {
            if (!done && !waiting.isEmpty()) {
                Persistently.run(retry); // the others still wait
            }
        }
    }

    private void grantAll() {
        Throwable failure = null;
        for (Waiter waiter; (waiter = waiting.peek()) != null; ) {
            IllegalArgumentException never = null;
            try {
                if (!limit.tryAcquire(waiter.permits)) {
                    await(limit.nanosUntilAvailable(waiter.permits));
                    break;
                }
            } catch (IllegalArgumentException e) { // the burst was made smaller meanwhile
                never = e;
            }
            failure = end(waiter, never, failure);
        }
        rethrow(failure);
    }

    private void failAll() {
        Throwable cause;
        try {
            cause = new RejectedExecutionException("the loop is closed");
        } catch (OutOfMemoryError | StackOverflowError e) {
            cause = e; // they end in any case
        }
        Throwable failure = null;
        for (Waiter waiter; (waiter = waiting.peek()) != null; ) {
            failure = end(waiter, cause, failure);
        }
        rethrow(failure);
    }

    /** Ends the first wait. Returns what its callback throws, or what one before has thrown. */
    private @Nullable Throwable end(Waiter waiter, @Nullable Throwable cause, @Nullable Throwable failure) {
        waiting.remove();
        waiter.queue = null;
        try {
            if (cause == null) {
                waiter.onAcquired();
            } else {
                waiter.onFailed(cause);
            }
            return failure;
        } catch (Throwable t) {
            return failure == null ? t : failure;
        }
    }

    /** Throws what a callback has thrown, for the loop to report, once all that is due has been done. */
    private static void rethrow(@Nullable Throwable failure) {
        if (failure != null) {
            throw Exceptions.rethrow(failure);
        }
    }
}
