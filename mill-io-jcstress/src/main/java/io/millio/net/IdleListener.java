package io.millio.net;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A listener to which no connection comes, with its registration and its event; counts the attempts to accept. */
final class IdleListener implements TcpListener, Registration, Event {
    // Written by one thread after the other in the order that the quota gives them, as a loop applies it.
    private volatile Interest interest = Interest.READABLE;

    /** Written by the loop that accepts. */
    int accepts;

    @Override
    public @Nullable TcpStream accept() {
        accepts++;
        return null;
    }

    @Override
    public EventHandler handler() {
        return event -> {};
    }

    @Override
    public Interest interest() {
        return interest;
    }

    @Override
    public void setInterest(Interest wanted) {
        interest = wanted;
    }

    @Override
    public Registration registration() {
        return this;
    }

    @Override
    public TcpListener source() {
        return this;
    }

    @Override
    public @Nullable IOException takeAcceptError() {
        return null;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isActive() {
        return true;
    }

    @Override
    public boolean isReadable() {
        return true;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public boolean isReadClosed() {
        return false;
    }

    @Override
    public boolean isWriteClosed() {
        return false;
    }

    @Override
    public boolean isError() {
        return false;
    }

    @Override
    public int condition() {
        return 0;
    }

    @Override
    public void close() {}

    @Override
    public void deregister() {}

    @Override
    public void closeWhenWritten() {}

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    // ---- not used here

    @Override
    public Token token() {
        throw new UnsupportedOperationException();
    }

    @Override
    public EventLoop loop() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress localAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> TcpListener setOption(SocketOption<T> option, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> option) {
        throw new UnsupportedOperationException();
    }
}
