package io.millio.metrics;

import io.micrometer.core.instrument.Clock;
import io.millio.EventLoop;
import io.millio.LoopStats;
import io.millio.LoopTimes;
import io.millio.stats.Histogram;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a loop, which the meters of one reading share, and the times of two earlier readings, from which those
 * that are recent are computed. Any thread.
 */
final class LoopSample {
    /** How old the numbers may be. Reading them copies whole histograms, too much for each of the many meters. */
    static final long SHARED_NANOS = 10_000_000;

    /** How far apart the earlier readings are at least. */
    static final long WINDOW_NANOS = 60_000_000_000L;

    private final EventLoop loop;
    private final Clock clock;

    // Guarded by this: the last numbers; the times to compare with, and those to compare with afterwards.
    private LoopStats latest;
    private long latestNanos;
    private @Nullable LoopTimes base;
    private @Nullable LoopTimes nextBase;
    private long nextBaseNanos;

    LoopSample(EventLoop loop, Clock clock) {
        this.loop = loop;
        this.clock = clock;
        latest = loop.stats();
        latestNanos = clock.monotonicTime();
        nextBaseNanos = latestNanos;
    }

    /** Returns the numbers of the loop, at most 10 ms old. */
    synchronized LoopStats stats() {
        long now = clock.monotonicTime();
        if (now - latestNanos >= SHARED_NANOS) {
            if (now - nextBaseNanos >= WINDOW_NANOS) {
                base = nextBase;
                nextBase = latest.times();
                nextBaseNanos = now;
            }
            latest = loop.stats();
            latestNanos = now;
        }
        return latest;
    }

    /** Returns a histogram since the loop was made. Only for a loop that measures times. */
    Histogram all(Function<LoopTimes, Histogram> which) {
        return which.apply(Objects.requireNonNull(stats().times(), "times"));
    }

    /**
     * Returns the duration that a part of the recent ones does not exceed.
     *
     * @param phi 0 to 1; 1: the maximum
     */
    synchronized long recentNanos(Function<LoopTimes, Histogram> which, double phi) {
        Histogram all = all(which);
        LoopTimes earlier = base;
        Histogram recent = earlier == null ? all : all.minus(which.apply(earlier));
        return recent.percentileNanos(100 * phi);
    }
}
