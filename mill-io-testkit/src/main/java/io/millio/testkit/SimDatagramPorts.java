package io.millio.testkit;

import io.millio.internal.Addresses;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Who receives datagrams on a simulated host, and how they get there. Guarded by the world. */
final class SimDatagramPorts {
    private final SimHost host;
    private final SimWorld world;
    private final SimPorts ports;
    private final List<SimDatagrams> sockets = new ArrayList<>();

    SimDatagramPorts(SimHost host) {
        this.host = host;
        this.world = host.world;
        this.ports = host.ports;
    }

    UdpSocket openUdp(SocketAddress local, SocketSettings settings) throws IOException {
        InetSocketAddress at = Addresses.resolved(local, "local");
        SimOptions options = SimOptions.ofDatagrams();
        options.set(Objects.requireNonNull(settings, "settings")); // before anything is open
        boolean shared = options.get(StandardSocketOptions.SO_REUSEADDR);
        world.point();
        synchronized (world) {
            host.checkDescriptors("opening a datagram socket");
            boolean inUse = !shared
                    && sockets.stream().anyMatch(each -> SimPorts.overlap(at, (InetSocketAddress) each.localAddress()));
            InetSocketAddress bound = ports.bind(at, inUse, "opening a datagram socket on");
            SimDatagrams socket = new SimDatagrams(host, bound, options);
            sockets.add(socket);
            socket.takeDescriptor();
            world.trace(socket.label(), "open");
            return socket;
        }
    }

    /** Sends a datagram of a socket of this host. Guarded. */
    void send(SimDatagrams from, InetSocketAddress to, byte[] bytes) {
        InetSocketAddress sender = from.senderTo(to.getAddress());
        if (to.getAddress().isMulticastAddress()) {
            for (SimHost each : world.hosts.values()) {
                if (each != host || from.loopsBack()) {
                    carry(from, sender, each, to, bytes);
                }
            }
            return;
        }
        SimHost target = ports.route(to.getAddress());
        if (target == null) {
            world.trace(from.label(), "send %d to nowhere", bytes.length, 0);
        } else {
            carry(from, sender, target, to, bytes);
        }
    }

    private void carry(
            SimDatagrams from, InetSocketAddress sender, SimHost target, InetSocketAddress to, byte[] bytes) {
        Link link = world.link(host, target);
        int copies = 1;
        if (world.fault(link.losses, from.label(), "a datagram is lost")) {
            world.trace(from.label(), "send %d (lost)", bytes.length, 0);
            return;
        }
        if (world.fault(link.duplicates, from.label(), "a datagram arrives twice")) {
            copies = 2;
        }
        world.trace(from.label(), copies == 1 ? "send %d" : "send %d (twice)", bytes.length, 0);
        if (bytes.length > 0 && world.fault(link.corruptions, from.label(), "a datagram is corrupted")) {
            bytes[world.random.below(bytes.length)] ^= (byte) (1 << world.random.below(8));
        }
        for (int i = 0; i < copies; i++) {
            boolean late = world.fault(link.reorderings, from.label(), "a datagram is held up");
            long moreNanos = late ? world.random.between(0, 4 * link.latencyMostNanos + 1_000_000) : 0;
            world.carryOnce(
                    host, target, bytes.length, moreNanos, () -> target.datagrams.arrives(from, sender, to, bytes));
        }
    }

    private void arrives(SimDatagrams from, InetSocketAddress sender, InetSocketAddress to, byte[] bytes) {
        boolean taken = false;
        for (SimDatagrams each : sockets) {
            if (each.port() == to.getPort() && each.takes(sender, to.getAddress())) {
                each.arrives(sender, bytes);
                taken = true;
                if (!to.getAddress().isMulticastAddress()) {
                    return;
                }
            }
        }
        if (!taken && !to.getAddress().isMulticastAddress()) {
            world.carryOnce(host, from.host, 0, 0, () -> from.unreachable(to));
        }
    }

    /** The host has crashed. */
    void clear() {
        sockets.clear();
    }

    void unbind(SimDatagrams socket) {
        sockets.remove(socket);
        ports.release(socket.port());
    }
}
