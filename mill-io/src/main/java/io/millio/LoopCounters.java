package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Plain counters, written in the loop's turn only. Opaque access: a reader sees whole and recent values, no order. */
final class LoopCounters {
    static final int TURNS = 0;
    static final int EVENTS = 1;
    static final int TASKS = 2;
    static final int TIMERS_FIRED = 3;
    static final int ACCEPT_PAUSES = 4;
    static final int TIMERS_LIVE = 5;

    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[TIMERS_LIVE + 1];

    void add(int counter, long amount) {
        set(counter, counts[counter] + amount);
    }

    void set(int counter, long value) {
        COUNTS.setOpaque(counts, counter, value);
    }

    long get(int counter) {
        return (long) COUNTS.getOpaque(counts, counter);
    }
}
