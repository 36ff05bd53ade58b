package io.millio.bench;

/** Random numbers that cost next to nothing (xorshift), the same in each run. */
final class Delays {
    private long state = 42;

    private long next() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state;
    }

    /** From 0 up to the bound, without it. */
    int below(int bound) {
        return (int) ((next() >>> 33) * bound >>> 31);
    }

    /** Between one and two minutes, so that none comes true while it is measured. */
    long farNanos() {
        return TimerSubject.SPREAD_NANOS + within(TimerSubject.SPREAD_NANOS);
    }

    /** From 1 ns up to some nanoseconds, at most two minutes or so. */
    long within(long nanos) {
        return below(1 << 20) * (nanos >> 20) + 1;
    }
}
