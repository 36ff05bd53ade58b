package io.millio.pool;

import org.jspecify.annotations.Nullable;

/**
 * A lease that became unreachable without being closed.
 *
 * @param pool the pool's name
 * @param takenBy the name of the thread that took the lease
 * @param takenAt its stack trace is that of the call that took the lease
 * @param disposeFailure what disposing of the leased object threw, null if it went well
 */
public record LeakReport(
        String pool,
        String takenBy,
        Throwable takenAt,
        @Nullable Throwable disposeFailure) {}
