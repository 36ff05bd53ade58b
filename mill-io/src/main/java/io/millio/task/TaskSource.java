package io.millio.task;

import org.jspecify.annotations.Nullable;

/** Where the workers of a {@link Crew} take their tasks from. Any thread, all of it. */
interface TaskSource {
    /** Takes the next task; null when there is none now. */
    @Nullable
    Runnable poll();

    /**
     * Whether {@link #poll} would give nothing. Must see every task that was offered before, in the order of volatiles.
     */
    boolean isEmpty();

    /** Takes no tasks from now on; those it has stay. */
    void close();

    /** Whether it is closed and nothing will come out of it any more. */
    boolean isDrained();
}
