package io.millio.timer;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures {@link TimerWheel}: {@code java -Xms2g -Xmx2g io.millio.timer.TimerWheelHarness} for times and allocation,
 * {@code java -Xms2g -Xmx2g -XX:+UseSerialGC io.millio.timer.TimerWheelHarness memory} for memory, as other collectors
 * round large arrays up to their regions. Times are the median and the best of some rounds, after some that are thrown
 * away. Deadlines are spread evenly over a minute.
 */
public final class TimerWheelHarness {
    private static final int[] LIVE = {4_096, 65_536, 1_048_576};
    private static final int WARM_ROUNDS = 4;
    private static final int ROUNDS = 9;
    private static final int OPERATIONS = 2_000_000;
    private static final int EXPIRED_PER_ROUND = 2_000_000;
    private static final int MEASURED_TIMERS = 4_000_000;
    private static final long TICK_NANOS = 1_000_000;
    private static final long SPREAD_NANOS = 60_000 * TICK_NANOS;
    private static final Object TASK = new Object();

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long nowNanos;
    private long seed = 42;
    private long sink;
    private final Consumer<Object> expired = task -> sink++;
    private final TimerWheel<Object> expiryWheel = new TimerWheel<>(() -> nowNanos);

    private TimerWheelHarness() {}

    public static void main(String[] args) {
        TimerWheelHarness harness = new TimerWheelHarness();
        if (args.length == 1 && args[0].equals("memory")) {
            for (int live : LIVE) {
                harness.measureMemory(live, live);
                // One more than fits is the worst case of a wheel that grows.
                harness.measureMemory(live + 1, 64);
            }
            return;
        }
        System.out.printf("%-18s %9s %12s %12s %14s%n", "operation", "live", "median ns", "best ns", "bytes per op");
        for (int live : LIVE) {
            harness.measure(live);
        }
        System.out.println("(" + harness.sink + ")");
    }

    private interface Work {
        long run(int operations);
    }

    private void measure(int live) {
        nowNanos = 0;
        TimerWheel<Object> wheel = new TimerWheel<>(() -> nowNanos, live + 1);
        long[] handles = new long[live];
        for (int i = 0; i < live; i++) {
            handles[i] = wheel.schedule(delayNanos(), TASK);
        }
        // Shuffled, so that list neighbours are strangers in memory, as they are in a server that has run for a while.
        rearm(wheel, handles, live * 4);
        report("schedule+cancel", live, OPERATIONS, n -> scheduleAndCancel(wheel, n));
        report("re-arm random", live, OPERATIONS, n -> rearm(wheel, handles, n));
        report("replace random", live, OPERATIONS, n -> replace(wheel, handles, n));
        int laps = Math.max(1, EXPIRED_PER_ROUND / live);
        report("schedule+expire", live, laps * live, n -> expire(live, laps));
    }

    private long scheduleAndCancel(TimerWheel<Object> wheel, int operations) {
        long cancelled = 0;
        for (int i = 0; i < operations; i++) {
            cancelled += wheel.cancel(wheel.schedule(nowNanos + delayNanos(), TASK)) ? 1 : 0;
        }
        return cancelled;
    }

    private long rearm(TimerWheel<Object> wheel, long[] handles, int operations) {
        long moved = 0;
        for (int i = 0; i < operations; i++) {
            int victim = (int) ((next() >>> 33) & handles.length - 1);
            moved += wheel.reschedule(handles[victim], nowNanos + delayNanos()) ? 1 : 0;
        }
        return moved;
    }

    private long replace(TimerWheel<Object> wheel, long[] handles, int operations) {
        long moved = 0;
        for (int i = 0; i < operations; i++) {
            int victim = (int) ((next() >>> 33) & handles.length - 1);
            moved += wheel.cancel(handles[victim]) ? 1 : 0;
            handles[victim] = wheel.schedule(nowNanos + delayNanos(), TASK);
        }
        return moved;
    }

    /** Starts all timers and lets the minute pass tick by tick, calling only when the wheel says so. */
    private long expire(int live, int laps) {
        long fired = 0;
        for (int lap = 0; lap < laps; lap++) {
            for (int i = 0; i < live; i++) {
                expiryWheel.schedule(nowNanos + delayNanos(), TASK);
            }
            while (!expiryWheel.isEmpty()) {
                nowNanos += expiryWheel.nanosUntilNext(nowNanos);
                fired += expiryWheel.expire(Integer.MAX_VALUE, expired);
            }
        }
        return fired;
    }

    private void report(String name, int live, int operations, Work work) {
        double[] nanos = new double[ROUNDS];
        long allocated = 0;
        for (int round = -WARM_ROUNDS; round < ROUNDS; round++) {
            long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            long done = work.run(operations);
            long took = System.nanoTime() - start;
            if (done != operations) {
                throw new IllegalStateException(name + ": " + done + " of " + operations + " operations took effect");
            }
            if (round >= 0) {
                nanos[round] = (double) took / operations;
                allocated += THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%-18s %9d %12.1f %12.1f %14.5f%n",
                name,
                live,
                nanos[ROUNDS / 2],
                nanos[0],
                (double) allocated / ROUNDS / operations);
    }

    /** The heap that wheels keep, all their timers sharing one task; as many wheels as make it stand out from noise. */
    private void measureMemory(int timers, int initialCapacity) {
        List<TimerWheel<Object>> wheels = new ArrayList<>();
        long beforeBytes = usedBytes();
        while (wheels.size() * (long) timers < MEASURED_TIMERS) {
            TimerWheel<Object> wheel = new TimerWheel<>(() -> nowNanos, initialCapacity);
            for (int i = 0; i < timers; i++) {
                wheel.schedule(nowNanos + delayNanos(), TASK);
            }
            wheels.add(wheel);
        }
        double bytes = usedBytes() - beforeBytes;
        System.out.printf(
                Locale.ROOT,
                "%,d timers, initial capacity %,d: %.1f bytes for each%n",
                timers,
                initialCapacity,
                bytes / wheels.size() / timers);
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private long delayNanos() {
        return ((next() >>> 33) * SPREAD_NANOS >>> 31) + 1;
    }

    private long next() {
        seed ^= seed << 13;
        seed ^= seed >>> 7;
        seed ^= seed << 17;
        return seed;
    }
}
