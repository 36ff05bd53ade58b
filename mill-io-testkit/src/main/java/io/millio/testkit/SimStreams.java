package io.millio.testkit;

import io.millio.internal.Addresses;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who listens on a simulated host, and how its streams find those of others. Guarded by the world. */
final class SimStreams {
    private static final int UNIX_PATH_BYTES = 107;

    private final SimHost host;
    private final SimWorld world;
    private final SimPorts ports;
    private final List<SimListener> listeners = new ArrayList<>();
    private final Map<UnixDomainSocketAddress, SimListener> files = new LinkedHashMap<>();

    SimStreams(SimHost host) {
        this.host = host;
        this.world = host.world;
        this.ports = host.ports;
    }

    TcpListener openListener(SocketAddress at, int backlog, SocketSettings settings) throws IOException {
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog: " + backlog + ", must be at least 1");
        }
        SimOptions options = SimOptions.ofListener();
        options.set(settings);
        world.point();
        synchronized (world) {
            host.checkDescriptors("opening a listener");
            SocketAddress bound;
            if (at instanceof UnixDomainSocketAddress unix) {
                bound = bindFile(unix);
            } else {
                InetSocketAddress inet = Addresses.resolved(at, "address");
                boolean inUse = listeners.stream()
                        .anyMatch(each -> each.localAddress() instanceof InetSocketAddress other
                                && SimPorts.overlap(inet, other));
                bound = ports.bind(inet, inUse, "listening on");
            }
            SimListener listener = new SimListener(host, bound, backlog, options);
            listeners.add(listener);
            listener.takeDescriptor();
            if (bound instanceof UnixDomainSocketAddress unix) {
                files.put(unix, listener);
            }
            world.trace(listener.label(), "listen");
            return listener;
        }
    }

    private UnixDomainSocketAddress bindFile(UnixDomainSocketAddress unix) throws IOException {
        checkPath(unix);
        if (unix.getPath().toString().isEmpty()) {
            throw new SocketException("No path: listening on a Unix-domain address without a name");
        }
        if (files.containsKey(unix)) {
            throw new BindException("Address already in use: listening on " + unix);
        }
        return unix;
    }

    private static void checkPath(UnixDomainSocketAddress unix) throws SocketException {
        if (unix.getPath().toString().length() > UNIX_PATH_BYTES) {
            throw new SocketException("Unix domain path too long: " + unix);
        }
    }

    TcpStream openStream(SocketAddress remote, @Nullable SocketAddress from, SocketSettings settings)
            throws IOException {
        SimOptions options = SimOptions.ofStream();
        options.set(settings);
        world.point();
        synchronized (world) {
            host.checkDescriptors("opening a stream");
            if (remote instanceof UnixDomainSocketAddress unix) {
                Addresses.localFor(unix, from);
                return connectToFile(unix, options);
            }
            InetSocketAddress to = Addresses.resolved(remote, "remote");
            InetSocketAddress local = ports.bindTowards(to, Addresses.localFor(to, from));
            SimStream stream = SimStream.connecting(host, local, to, local.getPort(), options);
            stream.takeDescriptor();
            world.trace(stream.label(), "connect");
            connect(stream, to);
            return stream;
        }
    }

    private SimStream connectToFile(UnixDomainSocketAddress unix, SimOptions options) throws IOException {
        checkPath(unix);
        SimListener listener = files.get(unix);
        if (listener == null) {
            throw new SocketException("No such file or directory: connecting to " + unix);
        }
        SimStream stream = SimStream.connecting(host, unix, unix, 0, options);
        stream.takeDescriptor();
        world.trace(stream.label(), "connect");
        world.carryOnce(host, host, 0, 0, () -> {
            if (listener.isOpen()) {
                listener.arrives(stream);
            } else {
                refuse(stream);
            }
        });
        return stream;
    }

    private void connect(SimStream stream, InetSocketAddress to) {
        SimHost target = ports.route(to.getAddress());
        if (target == null) {
            world.carryOnce(
                    host,
                    host,
                    0,
                    0,
                    () -> stream.connected(
                            new NoRouteToHostException("No route to host: connecting to " + Addresses.text(to))));
            return;
        }
        if (world.scheduler != null) {
            stream.timeoutIs(world.scheduler.arrival(
                    world.connectTimeoutNanos,
                    () -> stream.connected(
                            new ConnectException("Connection timed out: connecting to " + Addresses.text(to)))));
        }
        Link link = world.link(host, target);
        if (world.fault(link.timeouts, stream.label(), "an attempt is lost")) {
            world.trace(stream.label(), "the network loses the attempt");
            return;
        }
        boolean refused = world.fault(link.refusals, stream.label(), "an attempt is refused");
        world.carryOnce(host, target, 0, 0, () -> {
            SimListener listener = refused ? null : target.streams.listenerAt(to);
            if (listener == null) {
                target.streams.refuse(stream);
            } else {
                listener.arrives(stream);
            }
        });
    }

    private @Nullable SimListener listenerAt(InetSocketAddress to) {
        for (SimListener each : listeners) {
            if (each.localAddress() instanceof InetSocketAddress inet && SimPorts.overlap(inet, to)) {
                return each;
            }
        }
        return null;
    }

    /** Answers an attempt with a refusal. Guarded. */
    void refuse(SimStream stream) {
        world.carryOnce(
                host,
                stream.host,
                0,
                0,
                () -> stream.connected(new ConnectException(
                        "Connection refused: connecting to " + Addresses.text(stream.remoteAddress()))));
    }

    /** The host has crashed. */
    void clear() {
        listeners.clear();
        files.clear();
    }

    void unbind(SimListener listener) {
        listeners.remove(listener);
        files.values().removeIf(each -> each == listener);
        if (listener.localAddress() instanceof InetSocketAddress inet) {
            ports.release(inet.getPort());
        }
    }
}
