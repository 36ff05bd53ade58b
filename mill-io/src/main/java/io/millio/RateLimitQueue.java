package io.millio;

import io.millio.limit.RateLimit;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Waits on a loop for permits of a limit: first come, first served, and no more than so many.
 *
 * <p>There are two forms. {@link #acquire(long, Waiter)} makes no garbage and is for the loop; {@link #acquire(long)}
 * gives a future and is for any thread. Every request ends exactly once: granted, failed because the loop has closed,
 * or cancelled.
 *
 * <p>The limit may be shared with others, who compete: then the first waiter waits anew. The limiter's clock should be
 * the loop's. O(1).
 */
public final class RateLimitQueue {
    /** One who waits; can be used again when its wait is over. In the loop, unless a method says otherwise. */
    public abstract static class Waiter {
        private @Nullable RateLimitQueue queue; // null when it does not wait
        private @Nullable Waiter before;
        private @Nullable Waiter after;
        private long permits;

        /** For subclasses. */
        protected Waiter() {}

        /** The permits are had. Called in a later turn than the request. */
        protected abstract void onAcquired();

        /** The permits will never be had. */
        protected abstract void onFailed(Throwable cause);

        /** Whether it waits. */
        public final boolean isWaiting() {
            return queue != null;
        }

        /** Ends its wait without a call; returns false if it does not wait. */
        public final boolean cancel() {
            RateLimitQueue from = queue;
            if (from == null) {
                return false;
            }
            from.requireInLoop();
            from.unlink(this);
            return true;
        }
    }

    private final EventLoop loop;
    private final Reactor reactor;
    private final RateLimit limit;
    private final int maxWaiters;

    // The turn's own.
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int waiters;

    // Fires when the first waiter's permits should be there; while somebody waits it does, too.
    private @Nullable LoopTimer timer;

    /**
     * Makes a queue. Any thread.
     *
     * @param maxWaiters how many may wait at a time, at least 1
     * @throws IllegalArgumentException if that is not positive
     */
    public RateLimitQueue(EventLoop loop, RateLimit limit, int maxWaiters) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.reactor = loop.reactor();
        this.limit = Objects.requireNonNull(limit, "limit");
        if (maxWaiters < 1) {
            throw new IllegalArgumentException("maxWaiters: " + maxWaiters + ", must be at least 1");
        }
        this.maxWaiters = maxWaiters;
    }

    /**
     * Takes permits now, or has the waiter told when they are there. In the loop only.
     *
     * @param permits how many, from 1 up to the limit's burst
     * @return true if they are had already: then the waiter is not called
     * @throws IllegalArgumentException if they could never be had
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
        if (first == null && limit.tryAcquire(permits)) {
            return true;
        }
        long waitNanos = limit.nanosUntilAvailable(permits); // also where somebody waits: it checks the argument
        if (waiters == maxWaiters) {
            throw new RejectedExecutionException(waiters + " wait for permits already, which is the limit");
        }
        link(waiter, permits);
        if (first == waiter) {
            await(waitNanos);
        }
        return false;
    }

    /**
     * Takes permits as soon as they are there. Any thread; the future ends in the loop, with a
     * {@link RejectedExecutionException} if too many wait or the loop closes, and to cancel it gives up the wait.
     *
     * @param permits how many, from 1 up to the limit's burst
     * @throws IllegalArgumentException if they could never be had
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
     * Looks at the limit anew: for a change of its rate, which waiters else notice when the next permit had been due.
     * In the loop only.
     */
    public void limitChanged() {
        requireInLoop();
        if (first != null && !loop.isClosed()) {
            await(0);
        }
    }

    /** How many wait. In the loop only. */
    public int waiters() {
        requireInLoop();
        return waiters;
    }

    private final class FutureWaiter extends Waiter {
        private final CompletableFuture<@Nullable Void> future = new CompletableFuture<>();
        private final long wanted;

        FutureWaiter(long wanted) {
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
            } catch (RuntimeException e) {
                onFailed(e);
                return;
            }
            // The result is a stage that nobody needs.
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
                // Closed: nobody waits any more.
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
            future.completeExceptionally(cause);
        }
    }

    // ---- in the turn

    private void requireInLoop() {
        if (!loop.inLoop()) {
            throw new IllegalStateException("must be called in the loop " + loop);
        }
    }

    private void link(Waiter waiter, long permits) {
        waiter.queue = this;
        waiter.permits = permits;
        waiter.before = last;
        if (last == null) {
            first = waiter;
        } else {
            last.after = waiter;
        }
        last = waiter;
        waiters++;
    }

    private void unlink(Waiter waiter) {
        Waiter before = waiter.before;
        Waiter after = waiter.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        waiter.queue = null;
        waiter.before = null;
        waiter.after = null;
        waiters--;
    }

    /** Comes back after a time; earlier than needed is fine. */
    private void await(long waitNanos) {
        LoopTimer present = timer;
        if (present == null) {
            timer = reactor.timers.schedule(Duration.ofNanos(waitNanos), this::grant, this::failAll);
        } else {
            present.restartNanos(waitNanos);
        }
    }

    private void grant() {
        for (Waiter waiter; (waiter = first) != null; ) {
            try {
                if (!limit.tryAcquire(waiter.permits)) {
                    await(limit.nanosUntilAvailable(waiter.permits));
                    return;
                }
            } catch (IllegalArgumentException e) { // the burst was made smaller meanwhile
                unlink(waiter);
                tell(waiter, e);
                continue;
            }
            unlink(waiter);
            tell(waiter, null);
        }
    }

    private void failAll() {
        RejectedExecutionException cause = new RejectedExecutionException("the loop is closed");
        for (Waiter waiter; (waiter = first) != null; ) {
            unlink(waiter);
            tell(waiter, cause);
        }
    }

    private void tell(Waiter waiter, @Nullable Throwable failure) {
        try {
            if (failure == null) {
                waiter.onAcquired();
            } else {
                waiter.onFailed(failure);
            }
        } catch (Throwable t) {
            reactor.taskFailed(LoopError.Origin.TIMER, waiter, t);
        }
    }
}
