package io.millio.bench;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The real clock, so that it costs what it costs everyone, and yet one that can be put forward. One thread. */
final class MovableClock implements Ticker, LongSupplier {
    private final long originNanos = System.nanoTime();
    private long aheadNanos;

    void putForward(long nanos) {
        aheadNanos += nanos;
    }

    @Override
    public long getAsLong() {
        return System.nanoTime() + aheadNanos;
    }

    @Override
    public long nanoTime() {
        return getAsLong();
    }

    @Override
    public long initialNanoTime() {
        return originNanos;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
        putForward(unit.toNanos(delay));
    }
}
