package io.millio.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Meters of one registry, remembered so that they can be removed. Each one reads a function when it is read itself, and
 * holds that strongly: Micrometer refers to the object of a function only weakly, but to the function strongly.
 *
 * <p>Not thread-safe.
 */
final class MeterSet {
    final MeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters;

    MeterSet(MeterRegistry registry, Tags tags) {
        this(registry, tags, new ArrayList<>());
    }

    private MeterSet(MeterRegistry registry, Tags tags, List<Meter> meters) {
        this.registry = registry;
        this.tags = tags;
        this.meters = meters;
    }

    /** Returns a view that adds another tag to its meters. */
    MeterSet with(String key, String value) {
        return new MeterSet(registry, tags.and(key, value), meters);
    }

    void counter(String name, @Nullable String unit, String description, LongSupplier value) {
        meters.add(FunctionCounter.builder(name, value, same -> value.getAsLong())
                .tags(tags)
                .baseUnit(unit)
                .description(description)
                .register(registry));
    }

    void gauge(String name, @Nullable String unit, String description, LongSupplier value) {
        meters.add(Gauge.builder(name, value::getAsLong)
                .tags(tags)
                .baseUnit(unit)
                .description(description)
                .register(registry));
    }

    void timer(String name, String description, LongSupplier count, LongSupplier totalNanos) {
        meters.add(FunctionTimer.builder(
                        name, count, same -> count.getAsLong(), same -> totalNanos.getAsLong(), TimeUnit.NANOSECONDS)
                .tags(tags)
                .description(description)
                .register(registry));
    }

    void timeGauge(String name, String description, LongSupplier nanos) {
        meters.add(TimeGauge.builder(name, nanos::getAsLong, TimeUnit.NANOSECONDS)
                .tags(tags)
                .description(description)
                .register(registry));
    }

    void remove() {
        meters.forEach(registry::remove);
    }
}
