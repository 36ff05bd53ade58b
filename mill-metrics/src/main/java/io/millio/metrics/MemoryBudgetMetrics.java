package io.millio.metrics;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.memory.MemoryLevel;
import java.util.Objects;
import java.util.function.LongSupplier;

/** The numbers of a memory budget, {@code millio.memory.*}, with the tag {@code name}. */
public final class MemoryBudgetMetrics extends Binder {
    private final MemoryBudget budget;

    /**
     * Makes a binder for a budget, for instance {@link MemoryBudget#process}.
     *
     * @param name a name that no other budget of the process has
     * @param tags of all meters
     */
    public MemoryBudgetMetrics(MemoryBudget budget, String name, Iterable<Tag> tags) {
        super(Tags.of(tags).and("name", name));
        this.budget = Objects.requireNonNull(budget, "budget");
    }

    @Override
    void register(MeterSet meters) {
        String prefix = "millio.memory.";
        meters.gauge(prefix + "used", BaseUnits.BYTES, "Bytes that connections hold", budget::usedBytes);
        meters.gauge(prefix + "limit", BaseUnits.BYTES, "Bytes that they may hold", budget::maxBytes);
        meters.gauge(
                prefix + "peak",
                BaseUnits.BYTES,
                "The most bytes that they have held",
                () -> budget.stats().peakBytes());
        meters.gauge(
                prefix + "level",
                null,
                "0 normal, 1 pausing, 2 shedding, 3 full",
                () -> number(budget.stats().level()));
        meters.counter(
                prefix + "paused",
                BaseUnits.CONNECTIONS,
                "Not read for a while",
                () -> budget.stats().paused());
        meters.counter(
                prefix + "refused",
                BaseUnits.CONNECTIONS,
                "Reset when they were accepted",
                () -> budget.stats().refused());
        ended(meters, "held_timeout", () -> budget.stats().expired());
        ended(meters, "largest", () -> budget.stats().shed());
        ended(meters, "full", () -> budget.stats().overLimit());
    }

    private static long number(MemoryLevel level) {
        return switch (level) {
            case NORMAL -> 0;
            case PAUSING -> 1;
            case SHEDDING -> 2;
            case FULL -> 3;
        };
    }

    private static void ended(MeterSet meters, String why, LongSupplier count) {
        meters.with("reason", why).counter("millio.memory.ended", BaseUnits.CONNECTIONS, "Ended to make room", count);
    }
}
