package io.millio.pool;

import java.util.function.LongSupplier;

/** A clock that is moved by hand. */
final class ManualClock implements LongSupplier {
    long nanos = Long.MAX_VALUE - 10;

    @Override
    public long getAsLong() {
        return nanos;
    }
}
