package io.millio.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still until a test moves it. Given to a loop by {@link io.millio.EventLoopBuilder#nanoClock}. Any
 * thread.
 *
 * <p>A loop reads its clock at well-known places of a turn. {@link #atReading} uses that to have something happen just
 * there, so that a race which needs an unlucky moment has it every time.
 */
public final class ManualClock implements LongSupplier {
    private final AtomicLong nowNanos;
    private final AtomicReference<@Nullable Ambush> ambush = new AtomicReference<>();

    private record Ambush(long readingsBefore, Runnable action) {}

    /** Makes a clock that stands at 0. */
    public ManualClock() {
        this(0);
    }

    /**
     * Makes a clock that stands at some time.
     *
     * @param startNanos any value; clocks may be negative, and may wrap
     */
    public ManualClock(long startNanos) {
        nowNanos = new AtomicLong(startNanos);
    }

    /** The time, in nanoseconds. */
    @Override
    public long getAsLong() {
        Ambush waiting = ambush.get();
        if (waiting != null) {
            boolean now = waiting.readingsBefore() == 0;
            Ambush next = now ? null : new Ambush(waiting.readingsBefore() - 1, waiting.action());
            if (ambush.compareAndSet(waiting, next) && now) {
                waiting.action().run();
            }
        }
        return nowNanos.get();
    }

    /**
     * Moves the clock forward.
     *
     * @param by how far
     */
    public void advance(Duration by) {
        nowNanos.addAndGet(by.toNanos());
    }

    /**
     * Moves the clock to a time.
     *
     * @param nanos the time
     */
    public void set(long nanos) {
        nowNanos.set(nanos);
    }

    /**
     * Runs an action once, on the thread that reads the clock, inside that reading.
     *
     * @param readingsBefore how many readings to let pass before
     * @param action what to do; it replaces one that still waits
     */
    public void atReading(int readingsBefore, Runnable action) {
        ambush.set(new Ambush(readingsBefore, action));
    }

    /** Forgets an action of {@link #atReading} that still waits. */
    public void clearReading() {
        ambush.set(null);
    }

    @Override
    public String toString() {
        return "clock at " + nowNanos + " ns";
    }
}
