package io.millio.bench.siege;

import java.util.Arrays;

/** Times that were measured, in nanoseconds. Any thread. */
final class Latencies {
    // Both guarded by this.
    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long measured) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = measured;
    }

    synchronized int count() {
        return count;
    }

    /** Returns the time that a share of the measured ones does not exceed, in milliseconds; NaN if there are none. */
    synchronized double millisAt(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1L, (long) (share * count))] / 1e6;
    }
}
