package io.millio.testkit.conformance;

import io.millio.EventLoopBuilder;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The ways in which a loop can run its handlers: what holds for handlers is tested in each. */
public enum DispatchMode {
    /** In the turn. */
    DIRECT,
    /** On four worker threads of the loop's own. */
    WORKERS,
    /** On a pool that belongs to the program. */
    POOL,
    /** On an executor that runs each task at once, in its caller. */
    INLINE;

    /** Whether handlers run in the turn, on the thread that drives the loop. */
    boolean isInTurn() {
        return this == DIRECT || this == INLINE;
    }

    EventLoopBuilder configure(EventLoopBuilder builder, Supplier<Executor> pool) {
        return switch (this) {
            case DIRECT -> builder.direct();
            case WORKERS -> builder.workers(4);
            case POOL -> builder.executor(pool.get());
            case INLINE -> builder.executor(Runnable::run);
        };
    }
}
