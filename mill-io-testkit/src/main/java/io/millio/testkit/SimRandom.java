package io.millio.testkit;

/**
 * The random numbers of a seed: SplitMix64 (G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014). An own one, so that a seed means the same on every Java. Not for several threads at once.
 */
final class SimRandom {
    private long state;

    SimRandom(long seed) {
        state = seed;
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** From 0 to the bound, without it; the bound is positive. The bias is below 2^-32 for bounds that occur here. */
    int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** From one to the other, both included. */
    long between(long least, long most) {
        long span = most - least + 1;
        return span <= 0 ? least : least + Long.remainderUnsigned(next(), span);
    }

    /** From 0 to 1, without 1. */
    double unit() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /** True so often; takes no number where the answer is fixed. */
    boolean chance(double probability) {
        return probability > 0 && (probability >= 1 || unit() < probability);
    }
}
