package io.millio;

import io.millio.internal.Arguments;
import java.time.Duration;

/** A scheduled task of a loop, returned by {@link EventLoop#schedule}. All methods may be called from any thread. */
public interface Timer {
    /**
     * Cancels the timer for good and releases its task.
     *
     * @return true if no run starts after this call; false if the timer had already run or been cancelled
     */
    boolean cancel();

    /**
     * Replaces the deadline by one that is counted from now. A timer that has fired is scheduled again; the period of a
     * repeating one continues from the new deadline. Moving a deadline further away is a store and touches neither the
     * wheel nor the loop, so an idle timeout may be restarted at every activity.
     *
     * @return false if the timer is cancelled or the loop is closed, and then nothing changes
     * @throws IllegalArgumentException if the delay is negative
     */
    default boolean restart(Duration delay) {
        return restartNanos(Arguments.nanos(delay, "delay"));
    }

    /** Restarts as {@link #restart(Duration)} does, without a {@link Duration} to allocate. */
    boolean restartNanos(long delayNanos);

    /** Returns whether the timer is waiting for its deadline. */
    boolean isWaiting();

    /** Returns whether the timer was cancelled, by {@link #cancel} or because the loop closed before it fired. */
    boolean isCancelled();
}
