package io.millio.watch;

/**
 * Is told what has changed, in the loop's turn: it must not block. What it throws is told to the loop's error handler.
 */
@FunctionalInterface
public interface FileListener {
    /** One change. */
    void onEvent(FileEvent event);
}
