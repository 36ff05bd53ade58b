package io.millio.stats;

import io.millio.internal.Arguments;
import java.time.Duration;

/**
 * Counts of durations, in nanoseconds: a copy from a {@link HistogramRecorder}. A duration is known to within 1/16 of
 * itself, and exactly below 32 ns. Immutable.
 *
 * <p>The scale is that of HdrHistogram (Gil Tene): each power of two is divided into the same number of equal buckets.
 */
public final class Histogram {
    /** Each power of two has {@code 1 << SHIFT} buckets. */
    private static final int SHIFT = 4;

    private static final int PER_POWER = 1 << SHIFT;

    /** The number of buckets that hold all durations. */
    static final int BUCKETS = (Long.SIZE - SHIFT) << SHIFT;

    private final long[] counts;
    private final long count;
    private final long totalNanos;
    private final long maxNanos;

    /** A histogram of these buckets, which it keeps. */
    Histogram(long[] counts, long totalNanos, long maxNanos) {
        long sum = 0;
        for (long each : counts) {
            sum += each;
        }
        this.counts = counts;
        this.count = sum;
        this.totalNanos = totalNanos;
        this.maxNanos = maxNanos;
    }

    /** Returns a histogram without any duration. */
    public static Histogram empty() {
        return new Histogram(new long[BUCKETS], 0, 0);
    }

    /** The bucket of a duration; one below zero counts as zero. */
    static int bucket(long nanos) {
        if (nanos < PER_POWER) {
            return (int) Math.max(0, nanos);
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - SHIFT;
        return (power << SHIFT) + (int) (nanos >>> power);
    }

    /** The longest duration of a bucket. */
    static long longestOf(int bucket) {
        if (bucket < PER_POWER) {
            return bucket;
        }
        int power = (bucket >> SHIFT) - 1;
        long first = (long) (PER_POWER + (bucket & (PER_POWER - 1))) << power;
        return first + (1L << power) - 1;
    }

    /** Returns the number of recorded durations. */
    public long count() {
        return count;
    }

    /** The sum of the durations, in nanoseconds. */
    public long totalNanos() {
        return totalNanos;
    }

    /** The longest duration, exactly, in nanoseconds; 0 if there is none. */
    public long maxNanos() {
        return maxNanos;
    }

    /** The mean, in nanoseconds; 0 if there is none. */
    public double meanNanos() {
        return count == 0 ? 0 : (double) totalNanos / count;
    }

    /**
     * Returns the duration, in nanoseconds, that so many percent of those recorded do not exceed: at most 1/16 too
     * large; 0 if there is none. O(1): it looks at each bucket once.
     *
     * @param percent 0 to 100
     */
    public long percentileNanos(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percent: " + percent + ", must be 0 to 100");
        }
        if (count == 0) {
            return 0; // as of a difference, whose maximum stays
        }
        long rank = Math.max(1, (long) Math.ceil(percent / 100 * count));
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return Math.min(longestOf(bucket), maxNanos);
            }
        }
        return maxNanos;
    }

    /** Returns how many durations are longer than this one, to within its bucket. */
    public long countAbove(Duration duration) {
        long above = 0;
        for (int bucket = bucket(Arguments.nanos(duration, "duration")) + 1; bucket < BUCKETS; bucket++) {
            above += counts[bucket];
        }
        return above;
    }

    /** Returns the durations of both. */
    public Histogram plus(Histogram other) {
        long[] sums = counts.clone();
        for (int i = 0; i < BUCKETS; i++) {
            sums[i] += other.counts[i];
        }
        return new Histogram(sums, totalNanos + other.totalNanos, Math.max(maxNanos, other.maxNanos));
    }

    /** Returns the durations of this one that an earlier copy of the same recorder did not have; the maximum stays. */
    public Histogram minus(Histogram earlier) {
        long[] rest = counts.clone();
        for (int i = 0; i < BUCKETS; i++) {
            rest[i] = Math.max(0, rest[i] - earlier.counts[i]);
        }
        return new Histogram(rest, totalNanos - earlier.totalNanos, maxNanos);
    }

    @Override
    public String toString() {
        return count + " durations, p50 " + text(percentileNanos(50)) + ", p99 " + text(percentileNanos(99)) + ", max "
                + text(maxNanos);
    }

    private static String text(long nanos) {
        return nanos < 10_000 ? nanos + " ns" : nanos < 10_000_000 ? nanos / 1_000 + " us" : nanos / 1_000_000 + " ms";
    }
}
