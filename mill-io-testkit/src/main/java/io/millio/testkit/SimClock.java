package io.millio.testkit;

/** The clock of a host, which may be ahead of the others and go at another rate. It never goes back. */
final class SimClock {
    private long since; // simulated
    private long reading; // at that time
    private double drift;

    long read(long nowNanos) {
        long passed = nowNanos - since;
        return reading + passed + (drift == 0 ? 0 : (long) (passed * drift));
    }

    void moveAhead(long nowNanos, long nanos) {
        reading = read(nowNanos) + nanos;
        since = nowNanos;
    }

    void drift(long nowNanos, double seconds) {
        moveAhead(nowNanos, 0);
        drift = seconds;
    }

    /** Returns how long this clock takes to go on by so much, rounded up. */
    long simulated(long nanos) {
        return drift == 0 ? nanos : (long) Math.ceil(nanos / (1 + drift));
    }
}
