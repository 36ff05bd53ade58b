package io.millio.task;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts the tasks of a {@link ComputePool} that have ended, and how long they took. Any thread. */
final class ExecutionMeter {
    private final @Nullable LongSupplier nanoClock; // null: the system's
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final AtomicLong maxNanos = new AtomicLong(); // only grows, by compare-and-set

    ExecutionMeter(@Nullable LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The time, for {@link #ended}. */
    long now() {
        return nanoClock == null ? System.nanoTime() : nanoClock.getAsLong();
    }

    /** A task that began then has ended now. */
    void ended(long beginNanos, boolean withError) {
        long took = now() - beginNanos;
        nanos.add(took);
        long max = maxNanos.get();
        while (took > max && !maxNanos.compareAndSet(max, took)) {
            max = maxNanos.get();
        }
        (withError ? failed : completed).increment();
    }

    long completed() {
        return completed.sum();
    }

    long failed() {
        return failed.sum();
    }

    long nanos() {
        return nanos.sum();
    }

    long maxNanos() {
        return maxNanos.get();
    }
}
