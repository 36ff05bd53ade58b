package io.millio.internal;

import java.util.Objects;

/**
 * Points between two steps of a lock-free algorithm, at which a simulation may let another thread go on: before each
 * compare-and-set and each hand-shake by volatile fields. Never with a lock held. Elsewhere they do nothing, and cost
 * nothing once compiled: whether there are any is decided by the system property {@code millio.interleave} when this
 * class is loaded. Any thread.
 */
public final class Interleave {
    private static final boolean ON = Boolean.getBoolean("millio.interleave");

    // Set once, by the simulation, before it starts a thread.
    private static volatile Runnable hook = () -> {};

    private Interleave() {}

    /** Another thread may go on here. */
    public static void point() {
        if (ON) {
            hook.run();
        }
    }

    /**
     * Sets what each point calls.
     *
     * @param called by each thread that comes to a point; throws nothing
     */
    public static void install(Runnable called) {
        hook = Objects.requireNonNull(called, "called");
    }
}
