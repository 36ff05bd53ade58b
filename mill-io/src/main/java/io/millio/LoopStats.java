package io.millio;

import org.jspecify.annotations.Nullable;

/**
 * Counters of a loop since it was made. Each number is exact at some moment of the call, not all at the same one. The
 * events and the tasks of one turn are counted together, when the last of them has run.
 *
 * @param turns passes of the loop
 * @param events events that were delivered to handlers
 * @param tasks tasks of {@link EventLoop#execute} that were run
 * @param timersFired runs of timers
 * @param errors failures passed to the {@link ErrorHandler}
 * @param acceptPauses times that a listener was paused because it could not accept
 * @param registrations live registrations now
 * @param timers timers waiting now
 * @param times how long the work has taken; null unless {@link EventLoopBuilder#measureTimes} was set
 */
public record LoopStats(
        long turns,
        long events,
        long tasks,
        long timersFired,
        long errors,
        long acceptPauses,
        int registrations,
        int timers,
        @Nullable LoopTimes times) {}
