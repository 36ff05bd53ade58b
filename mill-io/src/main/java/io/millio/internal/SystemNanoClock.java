package io.millio.internal;

import java.util.function.LongSupplier;

/**
 * The time of the system, {@link System#nanoTime}. Any thread. A class and not a lambda, the first of which holds up a
 * start.
 */
public enum SystemNanoClock implements LongSupplier {
    /** The one. */
    INSTANCE;

    @Override
    public long getAsLong() {
        return System.nanoTime();
    }
}
