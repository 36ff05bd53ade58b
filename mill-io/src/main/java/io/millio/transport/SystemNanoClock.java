package io.millio.transport;

import java.util.function.LongSupplier;

/**
 * The time of the system, {@link System#nanoTime}. Any thread. A class and not a lambda, the first of which holds up a
 * start.
 */
enum SystemNanoClock implements LongSupplier {
    INSTANCE;

    @Override
    public long getAsLong() {
        return System.nanoTime();
    }
}
