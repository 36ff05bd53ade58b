package io.millio.task;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts the tasks of a {@link ComputePool} that have ended, and how long they took. Any thread. Allocates nothing. */
final class ExecutionMeter {
    private final @Nullable LongSupplier nanoClock; // null: the system's

    // All atomic: added to by the workers.
    final AtomicLong completed = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final AtomicLong nanos = new AtomicLong();
    final AtomicLong maxNanos = new AtomicLong();

    ExecutionMeter(@Nullable LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Returns the time, for {@link #ended}. */
    long now() {
        return nanoClock == null ? System.nanoTime() : nanoClock.getAsLong();
    }

    /** Counts a task that began at that time and has ended now. */
    void ended(long beginNanos, boolean withError) {
        (withError ? failed : completed).incrementAndGet();
        long took = now() - beginNanos;
        nanos.addAndGet(took);
        long max = maxNanos.get();
        while (took > max && !maxNanos.compareAndSet(max, took)) {
            max = maxNanos.get();
        }
    }
}
