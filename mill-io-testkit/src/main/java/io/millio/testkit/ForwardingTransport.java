package io.millio.testkit;

import io.millio.transport.Capability;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Transport;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A transport that has another one do everything: a test overrides what it wants to see or to change. One that gives
 * out sockets of its own must hand their delegates to the poller: see {@link ForwardingPoller}. Threads and errors as
 * the delegate's.
 */
public abstract class ForwardingTransport implements Transport {
    /** Does the work. */
    protected final Transport delegate;

    /**
     * Wraps a transport.
     *
     * @param delegate does the work
     */
    protected ForwardingTransport(Transport delegate) {
        this.delegate = Objects.requireNonNull(delegate, "delegate");
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return delegate.capabilities();
    }

    @Override
    public LongSupplier nanoClock() {
        return delegate.nanoClock();
    }

    @Override
    public Object process() {
        return delegate.process();
    }

    @Override
    public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
        return delegate.openPoller(eventCapacity, nanoClock);
    }

    @Override
    public TcpListener openListener(SocketAddress address, int backlog, SocketSettings settings) throws IOException {
        return delegate.openListener(address, backlog, settings);
    }

    @Override
    public TcpStream openStream(SocketAddress remote, @Nullable SocketAddress local, SocketSettings settings)
            throws IOException {
        return delegate.openStream(remote, local, settings);
    }

    @Override
    public UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        return delegate.openUdp(local, settings);
    }
}
