package io.millio.testkit;

import io.millio.internal.Addresses;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The addresses and ports of a simulated host. Guarded by the world. */
final class SimPorts {
    private static final int FIRST_PORT = 49_152;

    private final SimHost host;
    private final SimWorld world;
    private final Set<InetAddress> aliases = new HashSet<>();
    private final Set<Integer> taken = new HashSet<>();
    private int nextPort = FIRST_PORT;

    SimPorts(SimHost host) {
        this.host = host;
        this.world = host.world;
    }

    // ---- addresses

    /** Gives it one more address. */
    void alias(InetAddress alias) {
        aliases.add(alias);
        world.add(host, alias);
    }

    String label(SocketAddress of) {
        if (!(of instanceof InetSocketAddress inet)) {
            return host.hostName() + ":" + of;
        }
        SimHost owner = route(inet.getAddress());
        return owner == null ? Addresses.text(of) : owner.hostName() + ":" + inet.getPort();
    }

    boolean isHere(InetAddress where) {
        return where.isLoopbackAddress()
                || where.isAnyLocalAddress()
                || where.equals(host.inetAddress())
                || aliases.contains(where);
    }

    @Nullable
    SimHost route(InetAddress to) {
        return isHere(to) ? host : world.at(to);
    }

    InetAddress addressTowards(InetAddress to) {
        return to.isLoopbackAddress() ? to : host.inetAddress();
    }

    // ---- ports

    private int freePort() {
        for (int tries = 0; tries < 65_536 - FIRST_PORT; tries++) {
            int port = nextPort;
            nextPort = port == 65_535 ? FIRST_PORT : port + 1;
            if (!taken.contains(port)) {
                return port;
            }
        }
        throw new IllegalStateException(host + " has no free port");
    }

    /** The address of a socket that connects; {@code from} may be null, or lack an address or a port. */
    InetSocketAddress bindTowards(InetSocketAddress to, @Nullable InetSocketAddress from) throws BindException {
        InetAddress address = from == null || from.getAddress().isAnyLocalAddress()
                ? addressTowards(to.getAddress())
                : from.getAddress();
        int port = from == null ? 0 : from.getPort();
        return bind(new InetSocketAddress(address, port), taken.contains(port), "connecting from");
    }

    void release(int port) {
        taken.remove(port);
    }

    /** The host has crashed. */
    void clear() {
        taken.clear();
    }

    static boolean overlap(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort()
                && (one.getAddress().isAnyLocalAddress()
                        || other.getAddress().isAnyLocalAddress()
                        || one.getAddress().equals(other.getAddress()));
    }

    InetSocketAddress bind(InetSocketAddress at, boolean inUse, String what) throws BindException {
        if (!isHere(at.getAddress())) {
            throw new BindException("Cannot assign requested address: " + what + " " + Addresses.text(at));
        }
        if (inUse) {
            throw new BindException("Address already in use: " + what + " " + Addresses.text(at));
        }
        InetSocketAddress bound = at.getPort() == 0 ? new InetSocketAddress(at.getAddress(), freePort()) : at;
        taken.add(bound.getPort());
        return bound;
    }
}
