package io.millio;

import io.millio.jfr.LoopRecording;
import org.jspecify.annotations.Nullable;

/**
 * The pauses of a listener that could not accept: each twice as long as the one before, up to a second, and short again
 * after the listener has been well for as long. Loop's turn only.
 */
final class AcceptPause {
    private static final long MIN_NANOS = 10_000_000;
    private static final long MAX_NANOS = 1_000_000_000;

    private final Reactor reactor;
    private final SourceRegistration listener;
    private long pauseNanos = MIN_NANOS;
    private long endedAtNanos;
    private boolean on;
    private @Nullable Timer timer;

    AcceptPause(Reactor reactor, SourceRegistration listener) {
        this.reactor = reactor;
        this.listener = listener;
        this.endedAtNanos = reactor.nanoTime() - MAX_NANOS - 1;
    }

    boolean isOn() {
        return on;
    }

    void begin() {
        if (on) {
            return;
        }
        boolean wasWell = reactor.nanoTime() - endedAtNanos > MAX_NANOS;
        pauseNanos = wasWell ? MIN_NANOS : Math.min(pauseNanos * 2, MAX_NANOS);
        if (timer == null || !timer.restartNanos(pauseNanos)) {
            timer = reactor.timers.schedule(pauseNanos, this::end);
        }
        on = true; // last: a pause whose end cannot be scheduled would never end
        reactor.counters.add(LoopCounters.ACCEPT_PAUSES, 1);
        LoopRecording.acceptPause(reactor.loop, listener.source());
    }

    private void end() {
        on = false;
        try {
            endedAtNanos = reactor.nanoTime();
            listener.arm();
        } catch (Throwable t) {
            listener.failed(t); // which pauses again: a listener that is not armed would accept nothing any more
        }
    }
}
