package io.millio.testkit;

import io.millio.transport.EventSink;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Source;
import java.io.IOException;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A poller that has another one do everything: a test overrides what it wants to see or to change. Where sources are
 * wrapped, {@link #add} is overridden to unwrap them, since a poller knows only those of its own transport. Threads and
 * errors as the delegate's.
 */
public abstract class ForwardingPoller implements Poller {
    /** Does the work. */
    protected final Poller delegate;

    /**
     * Wraps a poller.
     *
     * @param delegate does the work
     */
    protected ForwardingPoller(Poller delegate) {
        this.delegate = Objects.requireNonNull(delegate, "delegate");
    }

    @Override
    public Key add(Source source, Object attachment, Interest interest) throws IOException {
        return delegate.add(source, attachment, interest);
    }

    @Override
    public void modify(Key key, Interest interest) {
        delegate.modify(key, interest);
    }

    @Override
    public void remove(Key key) {
        delegate.remove(key);
    }

    @Override
    public void poll(long deadlineNanos, EventSink sink) throws IOException {
        delegate.poll(deadlineNanos, sink);
    }

    @Override
    public void wakeup() {
        delegate.wakeup();
    }

    @Override
    public void awaitTurn(BooleanSupplier over) {
        delegate.awaitTurn(over);
    }

    @Override
    public void close() throws IOException {
        delegate.close();
    }
}
