package io.millio;

/**
 * Is told what went wrong where no caller could be told. Called on the thread where it happened, several at a time; it
 * must not block. What it throws is logged and goes no further.
 */
@FunctionalInterface
public interface ErrorHandler {
    /** One failure. */
    void onError(LoopError error);
}
