package io.millio.task;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts the tasks of a {@link ComputePool} that have ended, and how long they took. Any thread. */
final class ExecutionMeter {
    private final LongSupplier nanoClock;
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAccumulator maxNanos = new LongAccumulator(Math::max, 0);

    ExecutionMeter(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The time, for {@link #ended}. */
    long now() {
        return nanoClock.getAsLong();
    }

    /** A task that began then has ended now. */
    void ended(long beginNanos, boolean withError) {
        long took = now() - beginNanos;
        nanos.add(took);
        maxNanos.accumulate(took);
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
