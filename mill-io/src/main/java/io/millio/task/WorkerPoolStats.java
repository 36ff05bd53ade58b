package io.millio.task;

/**
 * What a {@link WorkerPool} has done since it was made. Each number is exact at some moment of the call, not all at the
 * same one.
 *
 * @param submitted tasks that were taken in
 * @param completed tasks that ran to their end
 * @param failed tasks that threw
 * @param rejected tasks that were refused
 * @param queued tasks that wait now
 * @param active tasks that run now
 */
public record WorkerPoolStats(long submitted, long completed, long failed, long rejected, long queued, int active) {}
