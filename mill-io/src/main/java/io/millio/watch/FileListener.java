package io.millio.watch;

/**
 * Callback invoked for each change, in the loop's turn: it must not block. What it throws is reported to the loop's
 * error handler.
 */
@FunctionalInterface
public interface FileListener {
    /** Called for each change. */
    void onEvent(FileEvent event);
}
