package io.millio;

/**
 * A handler that always runs in the turn, also on a loop that dispatches to workers or an executor: for protocol code
 * that is short, never blocks, and keeps its state without locks. The loop decides at {@link EventLoop#register} by the
 * handler's type.
 */
@FunctionalInterface
public interface TurnHandler extends EventHandler {}
