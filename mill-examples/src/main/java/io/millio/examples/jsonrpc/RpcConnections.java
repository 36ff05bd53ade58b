package io.millio.examples.jsonrpc;

import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.frame.FrameDecoder;
import java.util.Objects;

/** A service on connections: its {@link #newHandler} is for {@code TcpServer.builder().handlers(...)}. Any thread. */
public final class RpcConnections {
    final Dispatchers dispatchers;
    final Framing framing;
    final FrameDecoder decoder;
    final int maxInFlight;

    /**
     * A service with one framing for all its connections.
     *
     * @param maxInFlight how many slow calls of a connection run at once, at least 1: those of a batch beyond it wait,
     *     and no more is read meanwhile
     */
    public RpcConnections(JsonRpc service, Framing framing, int maxInFlight) {
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("maxInFlight: " + maxInFlight + ", must be at least 1");
        }
        this.dispatchers = new Dispatchers(service);
        this.framing = Objects.requireNonNull(framing, "framing");
        this.decoder = framing.decoder(service.maxMessageBytes);
        this.maxInFlight = maxInFlight;
    }

    /** A handler for one connection. */
    public ConnectionHandler newHandler() {
        return new RpcConnection(this);
    }

    /** Limits that fit the service's. */
    public ConnectionOptions options() {
        int message = dispatchers.service.maxMessageBytes;
        return ConnectionOptions.DEFAULT
                .withMaxUnreadBytes(message + Integer.BYTES) // a message, and its length or line end
                .withMaxQueuedBytes(Math.max(16L << 20, 4L * message));
    }
}
