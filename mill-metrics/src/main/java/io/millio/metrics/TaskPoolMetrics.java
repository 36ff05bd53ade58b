package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.task.ComputePool;
import io.millio.task.ComputePoolStats;
import io.millio.task.Priority;
import io.millio.task.WorkerPool;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The numbers of a pool of threads, {@code millio.worker.pool.*} or {@code millio.compute.pool.*}, with the tag
 * {@code name}.
 */
public final class TaskPoolMetrics extends Binder {
    private final Consumer<MeterSet> registration;

    /**
     * Makes a binder for a worker pool.
     *
     * @param name a name that no other worker pool of the process has
     * @param tags of all meters
     */
    public TaskPoolMetrics(WorkerPool pool, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        Objects.requireNonNull(pool, "pool");
        registration = meters -> registerWorkers(meters, pool);
    }

    /**
     * Makes a binder for a compute pool, for instance {@link io.millio.EventLoop#computePool}.
     *
     * @param name a name that no other compute pool of the process has
     * @param tags of all meters
     */
    public TaskPoolMetrics(ComputePool pool, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        Objects.requireNonNull(pool, "pool");
        registration = meters -> registerComputation(meters, pool);
    }

    @Override
    void register(MeterSet meters) {
        registration.accept(meters);
    }

    private static void registerWorkers(MeterSet meters, WorkerPool pool) {
        String prefix = "millio.worker.pool.";
        registerCommon(
                meters,
                prefix,
                () -> pool.stats().submitted(),
                () -> pool.stats().completed(),
                () -> pool.stats().failed(),
                () -> pool.stats().rejected(),
                () -> pool.stats().active());
        meters.gauge(
                prefix + "queued",
                BaseUnits.TASKS,
                "Tasks that wait",
                () -> pool.stats().queued());
    }

    private static void registerComputation(MeterSet meters, ComputePool pool) {
        String prefix = "millio.compute.pool.";
        registerCommon(
                meters,
                prefix,
                () -> pool.stats().submitted(),
                () -> pool.stats().completed(),
                () -> pool.stats().failed(),
                () -> pool.stats().rejected(),
                () -> pool.stats().active());
        meters.counter(
                prefix + "cancelled",
                BaseUnits.TASKS,
                "Tasks cancelled before they started",
                () -> pool.stats().cancelled());
        for (Priority priority : Priority.values()) {
            meters.with("priority", Names.tag(priority))
                    .gauge(
                            prefix + "queued",
                            BaseUnits.TASKS,
                            "Tasks that wait",
                            () -> pool.stats().depth().getOrDefault(priority, 0));
        }
        meters.timer(
                prefix + "execution",
                "Time that tasks ran",
                () -> ended(pool.stats()),
                () -> pool.stats().executionNanos());
        meters.timeGauge(
                prefix + "execution.max",
                "The longest run of a task since the pool was made",
                () -> pool.stats().maxExecutionNanos());
    }

    private static long ended(ComputePoolStats stats) {
        return stats.completed() + stats.failed();
    }

    private static void registerCommon(
            MeterSet meters,
            String prefix,
            LongSupplier submitted,
            LongSupplier completed,
            LongSupplier failed,
            LongSupplier rejected,
            LongSupplier active) {
        meters.counter(prefix + "submitted", BaseUnits.TASKS, "Tasks taken in", submitted);
        meters.counter(prefix + "completed", BaseUnits.TASKS, "Tasks that ran to their end", completed);
        meters.counter(prefix + "failed", BaseUnits.TASKS, "Tasks that threw", failed);
        meters.counter(prefix + "rejected", BaseUnits.TASKS, "Tasks refused", rejected);
        meters.gauge(prefix + "active", BaseUnits.TASKS, "Tasks that run", active);
    }
}
