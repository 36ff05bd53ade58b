package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.LoopStats;
import io.millio.LoopTimes;
import io.millio.stats.Histogram;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of event loops: {@code millio.loop.*}, with the tag {@code name} for the name of the loop.
 *
 * <p>Of loops that {@linkplain io.millio.EventLoopBuilder#measureTimes measure times} also the durations of turns and
 * runs and the delays of tasks. Each is a timer, and gauges for its percentiles ({@code .percentile}, by the tag
 * {@code phi}) and maximum ({@code .max}), to within 1/16. The gauges cover the last one to two minutes, or the time
 * since the two readings before, if that is longer.
 */
public final class LoopMetrics extends Binder {
    private static final String PREFIX = "millio.loop.";
    private static final double[] PHIS = {0.5, 0.95, 0.99};

    private final List<EventLoop> loops;

    /**
     * Makes a binder for one loop.
     *
     * @param tags of all meters
     */
    public LoopMetrics(EventLoop loop, Iterable<Tag> tags) {
        super(Tags.of(tags));
        loops = List.of(loop);
    }

    /**
     * Makes a binder for the loops of a group.
     *
     * @param tags of all meters
     */
    public LoopMetrics(EventLoopGroup group, Iterable<Tag> tags) {
        super(Tags.of(tags));
        loops = group.loops();
    }

    @Override
    void register(MeterSet meters) {
        for (EventLoop loop : loops) {
            MeterSet named = meters.with("name", loop.toString());
            LoopSample sample = new LoopSample(loop, meters.registry.config().clock());
            registerCounts(named, sample);
            if (loop.stats().times() != null) {
                registerTimes(named, sample, "turn.duration", "Time from a sleep to the next", LoopTimes::turns);
                registerTimes(named, sample, "run.duration", "Time in callbacks", LoopTimes::runs);
                registerTimes(named, sample, "task.delay", "Time until a task ran", LoopTimes::taskDelays);
            }
        }
    }

    private static void registerCounts(MeterSet meters, LoopSample sample) {
        counter(meters, sample, "turns", null, "Passes of the loop", LoopStats::turns);
        counter(meters, sample, "events", BaseUnits.EVENTS, "Events delivered to handlers", LoopStats::events);
        counter(meters, sample, "tasks", BaseUnits.TASKS, "Tasks run", LoopStats::tasks);
        counter(meters, sample, "timers.fired", null, "Runs of timers", LoopStats::timersFired);
        counter(meters, sample, "errors", null, "Failures passed to the error handler", LoopStats::errors);
        counter(
                meters,
                sample,
                "accept.pauses",
                null,
                "Pauses of listeners that could not accept",
                LoopStats::acceptPauses);
        meters.gauge(
                PREFIX + "registrations",
                null,
                "Live registrations",
                () -> sample.stats().registrations());
        meters.gauge(
                PREFIX + "timers", null, "Timers waiting", () -> sample.stats().timers());
    }

    private static void counter(
            MeterSet meters,
            LoopSample sample,
            String what,
            @Nullable String unit,
            String description,
            ToLongFunction<LoopStats> value) {
        meters.counter(PREFIX + what, unit, description, () -> value.applyAsLong(sample.stats()));
    }

    private static void registerTimes(
            MeterSet meters, LoopSample sample, String what, String description, Function<LoopTimes, Histogram> which) {
        String name = PREFIX + what;
        meters.timer(
                name,
                description,
                () -> sample.all(which).count(),
                () -> sample.all(which).totalNanos());
        meters.timeGauge(name + ".max", description + ", recent maximum", () -> sample.recentNanos(which, 1));
        for (double phi : PHIS) {
            meters.with("phi", Double.toString(phi))
                    .timeGauge(
                            name + ".percentile",
                            description + ", recent percentile",
                            () -> sample.recentNanos(which, phi));
        }
    }
}
