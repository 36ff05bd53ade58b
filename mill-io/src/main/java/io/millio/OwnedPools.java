package io.millio;

import io.millio.task.ComputePool;
import io.millio.task.WorkerPool;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The pools that end with a loop or a group; null where they are the caller's, or there is none. */
record OwnedPools(@Nullable WorkerPool workers, @Nullable ComputePool computePool) {
    static final OwnedPools NONE = new OwnedPools(null, null);

    /** Runs that were handed over are run; computations that have not started are cancelled. Waits for nobody. */
    void end() {
        if (workers != null) {
            workers.shutdown();
        }
        if (computePool != null) {
            computePool.close(Duration.ZERO);
        }
    }
}
