package io.millio;

import io.millio.task.ComputePool;
import io.millio.task.WorkerPool;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The pools that end with a loop or a group; null where they belong to the caller, or there is none. */
record OwnedPools(@Nullable WorkerPool workers, @Nullable ComputePool computePool) {
    static final OwnedPools NONE = new OwnedPools(null, null);

    /** Queued runs are run; computations that have not started are cancelled. Does not wait. */
    void end() {
        if (workers != null) {
            workers.shutdown();
        }
        if (computePool != null) {
            computePool.close(Duration.ZERO);
        }
    }
}
