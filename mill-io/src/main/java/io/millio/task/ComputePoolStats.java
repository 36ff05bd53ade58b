package io.millio.task;

import java.util.Map;

/**
 * What a {@link ComputePool} has done since it was made. Each number is exact at some moment of the call, not all at
 * the same one.
 *
 * @param submitted tasks that were taken in
 * @param completed tasks that ran to their end
 * @param failed tasks that threw
 * @param cancelled tasks that were cancelled before they started
 * @param rejected tasks that were refused
 * @param active tasks that run now
 * @param depth how many tasks of each priority wait now
 * @param executionNanos how long the tasks that have ended ran, all together
 * @param maxExecutionNanos how long the longest ran
 */
public record ComputePoolStats(
        long submitted,
        long completed,
        long failed,
        long cancelled,
        long rejected,
        int active,
        Map<Priority, Integer> depth,
        long executionNanos,
        long maxExecutionNanos) {
    /** Copies the map, which may be changed by the caller. */
    public ComputePoolStats {
        depth = Map.copyOf(depth);
    }
}
