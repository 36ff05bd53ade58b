package io.millio;

import io.millio.transport.Interest;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.Token;
import org.jspecify.annotations.Nullable;

/** A registration as the event that its handler gets: the readiness that the run in progress was called for. */
abstract class CurrentEvent extends RunState implements Event, Registration {
    final Reactor reactor;
    private final Source source;
    private final Token token;

    // Volatile: written by the thread that calls setInterest, read in the turn.
    volatile Interest interest;

    // The list of the registry, which guards them.
    @Nullable
    SourceRegistration previous;

    @Nullable
    SourceRegistration next;

    // The readiness that the run in progress was called for; 0 when none is. With an executor its execute() orders the
    // write
    // before the run, and the state word the end of a run before the next write.
    int readiness;

    CurrentEvent(Reactor reactor, Source source, Token token, Interest interest) {
        this.interest = interest;
        this.reactor = reactor;
        this.source = source;
        this.token = token;
    }

    @Override
    public final EventLoop loop() {
        return reactor.loop;
    }

    @Override
    public final Registration registration() {
        return this;
    }

    @Override
    public final Interest interest() {
        return interest;
    }

    @Override
    public final boolean isActive() {
        return !has(ENDED);
    }

    @Override
    public final String toString() {
        return "registration " + token + " of " + source;
    }

    @Override
    public final Token token() {
        return token;
    }

    @Override
    public final Source source() {
        return source;
    }

    @Override
    public final boolean isReadable() {
        return (readiness & Readiness.READABLE) != 0;
    }

    @Override
    public final boolean isWritable() {
        return (readiness & Readiness.WRITABLE) != 0;
    }

    @Override
    public final boolean isReadClosed() {
        return (readiness & Readiness.READ_CLOSED) != 0;
    }

    @Override
    public final boolean isWriteClosed() {
        return (readiness & Readiness.WRITE_CLOSED) != 0;
    }

    @Override
    public final boolean isError() {
        return (readiness & Readiness.ERROR) != 0;
    }
}
