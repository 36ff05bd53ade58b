package io.millio;

/**
 * Handles failures that cannot be reported to a caller. Called on the thread where the failure happened, concurrently;
 * it must not block. What it throws is logged and goes no further.
 */
@FunctionalInterface
public interface ErrorHandler {
    /** Called for each failure. */
    void onError(LoopError error);
}
