package io.millio.transport.nio;

import io.millio.transport.Transport;
import io.millio.transport.TransportProvider;

/** Offers the transport over {@code java.nio}; usable everywhere. */
public final class NioTransportProvider implements TransportProvider {
    /** For the look-up of transports. */
    public NioTransportProvider() {}

    @Override
    public String name() {
        return NioTransport.NAME;
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Transport transport() {
        return NioTransport.INSTANCE;
    }
}
