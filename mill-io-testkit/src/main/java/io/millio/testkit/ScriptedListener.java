package io.millio.testkit;

import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;

/** A port on which a test takes the part of a server. For the thread that drives the network. */
public final class ScriptedListener implements AutoCloseable {
    private final SimNetwork network;
    private final TcpListener listener;

    ScriptedListener(SimNetwork network, TcpListener listener) {
        this.network = network;
        this.listener = listener;
    }

    /** Returns the address to connect to. */
    public SocketAddress localAddress() {
        return listener.localAddress();
    }

    /**
     * Accepts the next connection; drives the network until there is one.
     *
     * @throws AssertionError if nothing is left to do before that
     */
    public ScriptedPeer accept() {
        try {
            TcpStream stream;
            while ((stream = listener.accept()) == null) {
                network.runUntil(
                        "a client has connected to " + localAddress(),
                        () -> ((SimListener) listener).ready() == Readiness.READABLE);
            }
            return ScriptedPeer.accepted(network, (SimStream) stream);
        } catch (IOException e) {
            throw new AssertionError("can't accept: " + e, e);
        }
    }

    /** Stops listening; connections that were not accepted are reset. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new AssertionError("can't close: " + e, e);
        }
    }
}
