package io.millio.testkit;

import io.millio.internal.Addresses;
import io.millio.transport.Readiness;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A simulated listener. Connections beyond its backlog wait for room, and time out if none comes. */
final class SimListener extends SimSource implements TcpListener {
    private final SocketAddress local;
    private final int backlog;
    private final String label;

    // Guarded by the world.
    private final Deque<SimStream> accepted = new ArrayDeque<>();
    private final Deque<SimStream> waiting = new ArrayDeque<>(); // those that connect and find no room

    // Volatile: set by the thread that accepts, taken by the loop.
    private volatile @Nullable IOException acceptError;

    SimListener(SimHost host, SocketAddress local, int backlog, SimOptions options) {
        super(host, options);
        this.local = local;
        this.backlog = backlog;
        this.label = host.ports.label(local);
    }

    /** Called when a connection request arrives. Guarded. */
    void arrives(SimStream from) {
        if (!from.isConnecting()) {
            return; // it has given up
        }
        if (accepted.size() >= backlog) {
            world.trace(label, "backlog is full");
            waiting.add(from);
            return;
        }
        SocketAddress at = local instanceof InetSocketAddress ? from.remoteAddress() : local;
        SimStream stream = SimStream.accepted(host, at, from);
        accepted.add(stream);
        world.carry(host, from.host, 0, () -> from.connected(null));
        changed();
    }

    @Override
    int ready() {
        return accepted.isEmpty() ? 0 : Readiness.READABLE;
    }

    @Override
    void closed() {
        host.streams.unbind(this);
        for (SimStream each : accepted) {
            each.resetAndClose();
        }
        accepted.clear();
        for (SimStream each : waiting) {
            host.streams.refuse(each);
        }
        waiting.clear();
    }

    @Override
    String label() {
        return label;
    }

    @Override
    public @Nullable TcpStream accept() throws IOException {
        world.point();
        synchronized (world) {
            checkOpen();
            if (!accepted.isEmpty() && host.failsAccept(label)) {
                world.trace(label, "accept fails: too many open files");
                acceptError = new IOException("Too many open files: accepting on " + Addresses.text(local));
                return null;
            }
            if (!accepted.isEmpty() && world.fault(world.link(host, host).wouldBlock, label, "an accept would block")) {
                world.trace(label, "accept finds nothing (would block)");
                changed();
                return null;
            }
            while (true) {
                SimStream stream = accepted.poll();
                if (stream == null) {
                    return null;
                }
                SimStream next = waiting.poll();
                if (next != null) {
                    arrives(next);
                }
                if (!stream.isBroken()) {
                    stream.takeDescriptor();
                    world.trace(label, "accept");
                    return stream;
                }
                stream.closeNow(); // it was reset while it waited
            }
        }
    }

    @Override
    public @Nullable IOException takeAcceptError() {
        IOException taken = acceptError;
        acceptError = null;
        return taken;
    }

    @Override
    public int condition() {
        return super.condition() | (acceptError == null ? 0 : Readiness.EXHAUSTED);
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public <T> TcpListener setOption(SocketOption<T> option, T value) throws IOException {
        setOptionNow(option, value);
        return this;
    }

    @Override
    public String toString() {
        return (local instanceof InetSocketAddress ? "tcp" : "unix") + " listener " + Addresses.text(local);
    }
}
