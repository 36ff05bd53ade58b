package io.millio;

import io.millio.internal.Arguments;
import io.millio.timer.TimerWheel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The timers of a loop: a wheel, which belongs to the turn, and the way to it from other threads. Times are nanoseconds
 * since the loop was made.
 */
final class LoopTimers implements Consumer<LoopTimer> {
    private final Reactor reactor;
    private final TimerWheel<LoopTimer> wheel;
    private long expiringAtNanos;

    LoopTimers(Reactor reactor) {
        this.reactor = reactor;
        this.wheel = new TimerWheel<>(reactor.clock);
    }

    // ---- any thread

    LoopTimer schedule(long delayNanos, Runnable task) {
        Objects.requireNonNull(task, "task");
        return start(new LoopTimer(this, deadlineNanos(delayNanos), 0, Repeat.FIXED_RATE, task));
    }

    LoopTimer schedule(Duration initialDelay, Duration period, Repeat repeat, Runnable task) {
        long delayNanos = Arguments.nanos(initialDelay, "initialDelay");
        long periodNanos = Arguments.positiveNanos(period, "period");
        Objects.requireNonNull(repeat, "repeat");
        Objects.requireNonNull(task, "task");
        return start(new LoopTimer(this, deadlineNanos(delayNanos), periodNanos, repeat, task));
    }

    LoopTimer schedule(Duration delay, Runnable task, Runnable whenLoopClosed) {
        long delayNanos = Arguments.nanos(delay, "delay");
        Objects.requireNonNull(task, "task");
        return start(new LoopTimer(this, deadlineNanos(delayNanos), 0, Repeat.FIXED_RATE, task) {
            @Override
            void loopClosed() {
                super.loopClosed();
                try {
                    whenLoopClosed.run();
                } catch (Throwable t) {
                    reactor.taskFailed(LoopError.Origin.TIMER, this, t);
                }
            }
        });
    }

    private LoopTimer start(LoopTimer timer) {
        boolean started = false;
        try {
            started = !isClosed() && changed(timer);
        } finally {
            if (!started) {
                timer.cancelInPlace();
            }
        }
        if (!started) {
            throw new RejectedExecutionException("the loop is closed");
        }
        return timer;
    }

    /** Has the wheel brought in step, at the latest at the timer's deadline; returns false if the loop is closed. */
    boolean changed(LoopTimer timer) {
        if (!reactor.inLoop()) {
            return reactor.queueUpdate(timer);
        }
        if (isClosed()) {
            return false;
        }
        try {
            timer.update();
        } catch (OutOfMemoryError | StackOverflowError e) {
            timer.failed(e); // placed in the next turn
        }
        return true;
    }

    /** The deadline of something that waits from now on; capped, not overflowing. */
    long deadlineNanos(long delayNanos) {
        long now = freshNanos();
        return delayNanos > LoopTimer.MAX_DEADLINE_NANOS - now ? LoopTimer.MAX_DEADLINE_NANOS : now + delayNanos;
    }

    long freshNanos() {
        // A clock that an application gives may go back; deadlines before the loop was made have no place in a timer's
        // word.
        return Math.max(0, reactor.clock.getAsLong() - reactor.originNanos);
    }

    boolean isClosed() {
        return reactor.isClosed();
    }

    // ---- in the turn

    long place(LoopTimer timer, long handle, long deadlineNanos) {
        long at = reactor.originNanos + deadlineNanos;
        if (handle != 0 && wheel.reschedule(handle, at)) {
            return handle;
        }
        long placed = wheel.schedule(at, timer);
        count();
        return placed;
    }

    void remove(long handle) {
        wheel.cancel(handle);
        count();
    }

    private void count() {
        reactor.counters.set(LoopCounters.TIMERS_LIVE, wheel.size());
    }

    /** Returns how long until there is something to do; {@link Long#MAX_VALUE} when there is no timer. */
    long nanosUntilNext(long clockNanos) {
        return wheel.nanosUntilNext(clockNanos);
    }

    int expire(long clockNanos, int limit) {
        expiringAtNanos = clockNanos - reactor.originNanos;
        int fired = wheel.expire(clockNanos, limit, this);
        count();
        return fired;
    }

    /** The wheel's: this timer is due. */
    @Override
    public void accept(LoopTimer timer) {
        try {
            timer.expired(expiringAtNanos);
        } catch (Throwable t) {
            timer.failed(t);
        }
    }

    void failed(LoopTimer timer, Throwable why) {
        reactor.report(LoopError.Origin.TIMER, timer, why);
        queue(timer);
    }

    /** Has the timer placed in the next turn. */
    void queue(LoopTimer timer) {
        if (!reactor.queueUpdate(timer)) {
            timer.loopClosed();
        }
    }

    void runTask(LoopTimer timer, Runnable task) {
        reactor.counters.add(LoopCounters.TIMERS_FIRED, 1);
        timer.started = true;
        try {
            reactor.turn.run.begin(timer);
            task.run();
        } catch (Throwable t) {
            reactor.taskFailed(LoopError.Origin.TIMER, timer, t);
        }
        reactor.turn.run.end();
    }

    /** The loop is closed: cancels the timers that wait. Needs no memory; continues when called again. */
    void cancelAll() {
        wheel.clear(LoopTimer::loopClosed);
        reactor.counters.set(LoopCounters.TIMERS_LIVE, 0);
    }
}
