package io.millio;

import io.millio.stats.Histogram;

/**
 * How long the work of a loop has taken since it was made: see {@link EventLoopBuilder#measureTimes}.
 *
 * @param turns from the end of a sleep to the beginning of the next
 * @param runs of one callback, task or timer, in the turn; what handlers do on workers is not in it
 * @param taskDelays from {@link EventLoop#execute} to the run of the task; of one task at a time, the first that is
 *     submitted after the last one was measured
 */
public record LoopTimes(Histogram turns, Histogram runs, Histogram taskDelays) {}
