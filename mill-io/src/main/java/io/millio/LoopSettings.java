package io.millio;

import io.millio.transport.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a loop is made of; checked by the builder.
 *
 * @param dispatcher runs the handlers; null: the turn does
 * @param ownedWorkers the dispatcher, where it is the loop's own and ends with it
 */
record LoopSettings(
        String name,
        Transport transport,
        LongSupplier clock,
        int eventCapacity,
        long pollTimeoutNanos,
        int maxTimersPerTurn,
        int maxTasksPerTurn,
        ThreadFactory threadFactory,
        @Nullable Executor dispatcher,
        @Nullable ExecutorService ownedWorkers,
        ErrorHandler errorHandler,
        boolean keepAfterError) {}
