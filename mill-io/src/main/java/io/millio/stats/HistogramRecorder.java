package io.millio.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts durations in 7.5 KiB of memory. One thread at a time records, without allocation, in O(1); any thread copies.
 * A copy may lack the last durations, and its sum may have one more or less than its counts.
 */
public final class HistogramRecorder {
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle TOTAL;
    private static final VarHandle MAX;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TOTAL = lookup.findVarHandle(HistogramRecorder.class, "totalNanos", long.class);
            MAX = lookup.findVarHandle(HistogramRecorder.class, "maxNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Written by the recording thread, opaque: readers see whole values, in no order.
    private final long[] counts = new long[Histogram.BUCKETS];
    private long totalNanos;
    private long maxNanos;

    /** Creates a recorder without durations. */
    public HistogramRecorder() {}

    /** Records a duration; one below zero, of a clock that goes back, counts as zero. */
    public void record(long nanos) {
        int bucket = Histogram.bucket(nanos);
        COUNTS.setOpaque(counts, bucket, counts[bucket] + 1);
        if (nanos > 0) {
            TOTAL.setOpaque(this, totalNanos + nanos);
        }
        if (nanos > maxNanos) {
            MAX.setOpaque(this, nanos);
        }
    }

    /** Returns a copy. Any thread. */
    public Histogram copy() {
        long[] copied = new long[Histogram.BUCKETS];
        for (int i = 0; i < copied.length; i++) {
            copied[i] = (long) COUNTS.getOpaque(counts, i);
        }
        return new Histogram(copied, (long) TOTAL.getOpaque(this), (long) MAX.getOpaque(this));
    }
}
