package io.millio;

import io.millio.transport.EventSink;
import org.jspecify.annotations.Nullable;

/**
 * What changes at every turn: the time and the events. An object of its own, with padding around it: submitters on
 * other threads read the reactor's fields at each task, and must not find their cache lines written to at each turn.
 *
 * <p>Loop's turn only, but for {@link #pollsBegun}.
 */
final class TurnState implements EventSink {
    @SuppressWarnings("unused")
    private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14;

    private final Reactor reactor;

    /** What runs in the turn. */
    final CurrentRun run;

    // Written by the loop before each poll, read by workers after each run; volatile on both sides, so that a run that
    // does not see a poll has ended before it.
    private volatile long pollsBegun;

    // Whether the poll in progress may still be waiting.
    private boolean polling;

    /** The time of the turn, of the loop's clock. */
    long nanos;

    /** How many events, timers and tasks the last turn has handled. */
    int handled;

    /** How many events of this turn were delivered to a handler. */
    int eventsHandled;

    @SuppressWarnings("unused")
    private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

    TurnState(Reactor reactor, long nanos, @Nullable TimeRecorder times) {
        this.reactor = reactor;
        this.run = new CurrentRun(reactor, times);
        this.nanos = nanos;
    }

    /** Called before each poll. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void beginPoll() {
        pollsBegun = pollsBegun + 1;
        eventsHandled = 0;
        polling = true;
    }

    /** Called when the wait is over: before the first event, or after the poll when there was none. */
    void endWait() {
        if (polling) {
            polling = false;
            reactor.awake();
        }
    }

    /** Returns how many polls have begun. Any thread. */
    long pollsBegun() {
        return pollsBegun;
    }

    @Override
    public void ready(Object attachment, int readiness) {
        if (polling) {
            endWait();
        }
        SourceRegistration registration = (SourceRegistration) attachment;
        try {
            run.begin(registration);
            registration.onReady(readiness);
        } catch (Throwable t) {
            registration.failed(t); // it alone: the events of others follow
        }
        run.end();
    }
}
