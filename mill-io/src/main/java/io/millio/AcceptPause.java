package io.millio;

import org.jspecify.annotations.Nullable;

/**
 * The pauses of a listener that could not accept: each twice as long as the one before, up to a second, and short again
 * after the listener has been well for as long. Loop's turn only.
 */
final class AcceptPause {
    private static final long SHORTEST_NANOS = 10_000_000;
    private static final long LONGEST_NANOS = 1_000_000_000;

    private final Reactor reactor;
    private final SourceRegistration listener;
    private long pauseNanos = SHORTEST_NANOS;
    private long endedAtNanos;
    private boolean on;
    private @Nullable Timer timer;

    AcceptPause(Reactor reactor, SourceRegistration listener) {
        this.reactor = reactor;
        this.listener = listener;
        this.endedAtNanos = reactor.nanoTime() - LONGEST_NANOS - 1;
    }

    boolean isOn() {
        return on;
    }

    void begin() {
        if (on) {
            return;
        }
        on = true;
        boolean wasWell = reactor.nanoTime() - endedAtNanos > LONGEST_NANOS;
        pauseNanos = wasWell ? SHORTEST_NANOS : Math.min(pauseNanos * 2, LONGEST_NANOS);
        reactor.counters.add(LoopCounters.ACCEPT_PAUSES, 1);
        if (timer == null || !timer.restartNanos(pauseNanos)) {
            timer = reactor.timers.schedule(pauseNanos, this::end);
        }
    }

    private void end() {
        on = false;
        endedAtNanos = reactor.nanoTime();
        listener.arm();
    }
}
