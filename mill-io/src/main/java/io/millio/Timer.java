package io.millio;

import java.time.Duration;

/** A task that a loop runs at a time: from {@link EventLoop#schedule}. Every method is for any thread. */
public interface Timer {
    /**
     * Cancels it for good; the task is released.
     *
     * @return true if no run begins after this: it was waiting, or repeats. False if it had run, or was cancelled,
     *     already
     */
    boolean cancel();

    /**
     * Makes it wait anew, from now: the deadline it had is void. One that had run runs again; of one that repeats, the
     * period goes on from the new deadline.
     *
     * @return false if it is cancelled, or the loop is closed; then nothing happens
     * @throws IllegalArgumentException if the delay is negative
     */
    boolean restart(Duration delay);

    /** Whether it waits for its deadline. */
    boolean isWaiting();

    /** Whether it was cancelled: by {@link #cancel}, or by the end of the loop before it ran. */
    boolean isCancelled();
}
