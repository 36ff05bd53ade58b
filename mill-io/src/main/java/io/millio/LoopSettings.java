package io.millio;

import io.millio.task.ComputePool;
import io.millio.transport.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a loop is made of; checked by the builder.
 *
 * @param threadFactory makes the loop's own thread; null: a plain one, called as the loop
 * @param dispatcher runs the handlers; null: the turn does
 * @param computePool runs computations
 * @param ownedPools those of the two that end with the loop
 * @param stallNanos the threshold of the watchdog; 0: the loop is not watched
 */
record LoopSettings(
        String name,
        Transport transport,
        LongSupplier clock,
        int eventCapacity,
        long pollTimeoutNanos,
        int maxTimersPerTurn,
        int maxTasksPerTurn,
        @Nullable ThreadFactory threadFactory,
        @Nullable Executor dispatcher,
        ComputePool computePool,
        OwnedPools ownedPools,
        ErrorHandler errorHandler,
        boolean keepAfterError,
        boolean measureTimes,
        long stallNanos,
        StallListener stallListener,
        @Nullable Resolver resolver) {}
