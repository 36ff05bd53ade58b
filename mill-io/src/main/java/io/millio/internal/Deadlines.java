package io.millio.internal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Deadlines that do not depend on the loop that they bound: it may be stuck in a callback. Stateless; any thread. */
public final class Deadlines {
    /** How long after a deadline a future is completed by the platform, so that the loop comes first if it can. */
    private static final long GRACE_NANOS = 50_000_000;

    private Deadlines() {}

    /**
     * Completes a future with false soon after a deadline, on a thread of the platform's, unless it is complete by
     * then. Only for loops on the system's clock: the platform knows no other. Throws nothing.
     */
    public static void bound(CompletableFuture<Boolean> future, long timeoutNanos, LongSupplier clock) {
        if (clock != SystemNanoClock.INSTANCE) {
            return;
        }
        try {
            future.completeOnTimeout(false, timeoutNanos + GRACE_NANOS, TimeUnit.NANOSECONDS);
        } catch (Throwable t) {
            // No memory, or thread, for that: the loop still completes it.
        }
    }
}
