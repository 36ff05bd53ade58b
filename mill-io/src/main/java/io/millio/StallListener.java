package io.millio;

/** Called when a loop has stalled: see {@link EventLoopBuilder#watchdog}. */
@FunctionalInterface
public interface StallListener {
    /**
     * Called on the watchdog's thread, which watches nothing until this returns. A {@link Stall.Kind#PAUSE} is reported
     * to each listener once.
     */
    void onStall(Stall stall);
}
