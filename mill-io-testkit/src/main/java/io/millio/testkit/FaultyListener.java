package io.millio.testkit;

import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listener whose accepts fail on request, as if the system had run out of descriptors. */
final class FaultyListener implements TcpListener {
    private final TcpListener delegate;
    private final Supplier<@Nullable IOException> fault;

    // Volatile: set by the thread that accepts, taken by the loop.
    private volatile @Nullable IOException acceptError;

    FaultyListener(TcpListener delegate, Supplier<@Nullable IOException> fault) {
        this.delegate = delegate;
        this.fault = fault;
    }

    TcpListener delegate() {
        return delegate;
    }

    @Override
    public @Nullable TcpStream accept() throws IOException {
        IOException failed = fault.get();
        if (failed != null) {
            acceptError = failed;
            return null;
        }
        return delegate.accept();
    }

    @Override
    public @Nullable IOException takeAcceptError() {
        IOException taken = acceptError;
        acceptError = null;
        return taken == null ? delegate.takeAcceptError() : taken;
    }

    @Override
    public int condition() {
        return delegate.condition() | (acceptError == null ? 0 : Readiness.EXHAUSTED);
    }

    @Override
    public boolean isOpen() {
        return delegate.isOpen();
    }

    @Override
    public void close() throws IOException {
        delegate.close();
    }

    @Override
    public SocketAddress localAddress() {
        return delegate.localAddress();
    }

    @Override
    public <T> TcpListener setOption(SocketOption<T> option, T value) throws IOException {
        delegate.setOption(option, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        return delegate.getOption(option);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return delegate.supportedOptions();
    }

    @Override
    public String toString() {
        return "faulty " + delegate;
    }
}
