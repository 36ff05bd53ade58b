package io.millio;

import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.Token;

/** A registration as the event that its handler gets: the readiness that the run in progress was called for. */
abstract class CurrentEvent extends RunState implements Event {
    private final Source source;
    private final Token token;

    // The readiness that the run in progress was called for; 0 when none is. With an executor its execute() orders the
    // write
    // before the run, and the state word the end of a run before the next write.
    int readiness;

    CurrentEvent(Source source, Token token) {
        this.source = source;
        this.token = token;
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
