package io.millio.testkit;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Drives a network for its test, and says what happened where that fails. For the driver. */
final class SimDriver {
    /** The tail of the trace that failures show. */
    private static final int TAIL_LINES = 60;

    private final SimWorld world;
    private final long seed;

    SimDriver(SimWorld world, long seed) {
        this.world = world;
        this.seed = seed;
    }

    void driveUntil(String what, BooleanSupplier condition) {
        if (!drive(SimScheduler.NEVER, condition)) {
            throw new AssertionError(
                    "nothing is left to do, and it never came about that " + what + world.undriven() + report());
        }
    }

    boolean drive(long untilNanos, BooleanSupplier condition) {
        boolean met;
        try {
            met = Objects.requireNonNull(world.scheduler).drive(untilNanos, condition);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + report(), e);
        }
        Throwable failure = world.takeFailure();
        if (failure != null) {
            throw new AssertionError("failed in the simulation: " + failure + report(), failure);
        }
        return met;
    }

    String report() {
        return " (seed " + seed + ")\n" + world.trace.text(TAIL_LINES);
    }
}
