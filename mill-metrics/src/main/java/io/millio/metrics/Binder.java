package io.millio.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;

/** Registers the meters of one subject, in any number of registries, and removes them again. */
abstract class Binder implements MeterBinder, AutoCloseable {
    private final Tags tags;

    // Guarded by this.
    private final List<MeterSet> bound = new ArrayList<>();

    Binder(Tags tags) {
        this.tags = tags;
    }

    /** Registers all meters. */
    abstract void register(MeterSet meters);

    /** Registers the meters, which keep the subject reachable until {@link #close}. */
    @Override
    public final synchronized void bindTo(MeterRegistry registry) {
        MeterSet meters = new MeterSet(registry, tags);
        bound.add(meters); // first, so that close removes also what was registered before a failure
        register(meters);
    }

    /** Removes the meters from all registries they were bound to. A second call does nothing. */
    @Override
    public final synchronized void close() {
        bound.forEach(MeterSet::remove);
        bound.clear();
    }
}
