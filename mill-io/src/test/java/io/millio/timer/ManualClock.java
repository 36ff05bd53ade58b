package io.millio.timer;

import java.util.function.LongSupplier;

/** A clock that a test moves by hand. */
final class ManualClock implements LongSupplier {
    long nanos;
    int reads;

    ManualClock(long nanos) {
        this.nanos = nanos;
    }

    @Override
    public long getAsLong() {
        reads++;
        return nanos;
    }
}
