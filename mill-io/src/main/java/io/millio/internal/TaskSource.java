package io.millio.internal;

import org.jspecify.annotations.Nullable;

/** What worker threads take their tasks from. Any thread, all of it. */
public interface TaskSource {
    /** Takes the next task; null when there is none now. */
    @Nullable
    Runnable poll();

    /**
     * Returns whether {@link #poll} would return null. Sees every task whose offer came before, in the order of
     * volatiles.
     */
    boolean isEmpty();

    /** Refuses every task from now on; those it has stay. */
    void close();

    /** Returns whether it is closed and will never return a task again. */
    boolean isDrained();
}
