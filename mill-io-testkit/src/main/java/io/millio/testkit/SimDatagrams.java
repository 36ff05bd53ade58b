package io.millio.testkit;

import io.millio.internal.Addresses;
import io.millio.transport.DatagramTooLargeException;
import io.millio.transport.Datagrams;
import io.millio.transport.Readiness;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A simulated datagram socket. A group is heard by all that have joined it, on whatever interface: simulated hosts have
 * none of their own.
 */
final class SimDatagrams extends SimSource implements UdpSocket {
    private static final int MAX_BYTES = 65_507; // what IPv4 leaves of 65,535
    private static final int QUEUE_BYTES = 212_992;
    private static final int OVERHEAD_BYTES = 256; // what a system counts for each, so that empty ones end somewhere

    private static final class Datagram {
        final InetSocketAddress sender;
        final byte[] bytes;

        Datagram(InetSocketAddress sender, byte[] bytes) {
            this.sender = sender;
            this.bytes = bytes;
        }
    }

    private record Membership(InetAddress group, NetworkInterface on) {}

    private final InetSocketAddress local;
    private final String label;

    // Guarded by the world.
    private final Deque<Datagram> queue = new ArrayDeque<>();
    private final List<Membership> memberships = new ArrayList<>();
    private int queuedBytes;
    private @Nullable InetSocketAddress remote;
    private @Nullable String unreachable;

    SimDatagrams(SimHost host, InetSocketAddress local, SimOptions options) {
        super(host, options);
        this.local = local;
        this.label = host.ports.label(local) + "/udp";
    }

    // ---- what arrives, guarded

    /** Whether this socket takes what comes from there to that address. */
    boolean takes(InetSocketAddress from, InetAddress to) {
        if (to.isMulticastAddress()) {
            return memberships.stream().anyMatch(each -> each.group.equals(to));
        }
        boolean here =
                local.getAddress().isAnyLocalAddress() || local.getAddress().equals(to);
        return here && (remote == null || remote.equals(from));
    }

    void arrives(InetSocketAddress from, byte[] bytes) {
        if (queuedBytes + bytes.length + OVERHEAD_BYTES > QUEUE_BYTES) {
            world.trace(label, "datagram of %d bytes finds no room", bytes.length, 0);
            return;
        }
        queuedBytes += bytes.length + OVERHEAD_BYTES;
        queue.add(new Datagram(from, bytes));
        changed();
    }

    void unreachable(InetSocketAddress to) {
        if (isOpen() && to.equals(remote)) {
            unreachable = Addresses.text(to);
            world.trace(label, "port unreachable");
            changed();
        }
    }

    int port() {
        return local.getPort();
    }

    @Override
    int ready() {
        boolean toTell = !queue.isEmpty() || unreachable != null;
        return Readiness.WRITABLE | (toTell ? Readiness.READABLE : 0);
    }

    @Override
    void closed() {
        host.datagrams.unbind(this);
        queue.clear();
    }

    @Override
    String label() {
        return label;
    }

    private void checkUnreachable(String what) throws PortUnreachableException {
        if (unreachable != null) {
            String where = unreachable;
            unreachable = null;
            throw new PortUnreachableException("port unreachable: " + where + ", " + what + " " + this);
        }
    }

    // ---- the face

    @Override
    public void connect(SocketAddress to) throws IOException {
        InetSocketAddress inet = Addresses.resolved(to, "remote");
        world.point();
        synchronized (world) {
            checkOpen();
            remote = inet;
            queue.removeIf(each -> !each.sender.equals(inet));
            queuedBytes = queue.stream()
                    .mapToInt(each -> each.bytes.length + OVERHEAD_BYTES)
                    .sum();
        }
    }

    @Override
    public void disconnect() throws IOException {
        world.point();
        synchronized (world) {
            checkOpen();
            remote = null;
            unreachable = null;
        }
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer to) throws IOException {
        Objects.requireNonNull(to, "to");
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        world.point();
        synchronized (world) {
            checkOpen();
            checkUnreachable("receiving on");
            if (queue.isEmpty()) {
                return null;
            }
            if (world.fault(world.link(host, host).wouldBlock, label, "a receive would block")) {
                world.trace(label, "receive finds nothing (would block)");
                changed();
                return null;
            }
            Datagram next = queue.remove();
            int size = next.bytes.length;
            queuedBytes -= size + OVERHEAD_BYTES;
            world.trace(label, "receive %d", size, 0);
            if (size > to.remaining()) {
                throw new DatagramTooLargeException(next.sender, size + " bytes", to.remaining());
            }
            to.put(next.bytes);
            return next.sender;
        }
    }

    @Override
    public boolean send(ByteBuffer from, SocketAddress to) throws IOException {
        Objects.requireNonNull(from, "from");
        InetSocketAddress target = Addresses.resolved(to, "to");
        world.point();
        synchronized (world) {
            checkOpen();
            if (remote != null && !remote.equals(target)) {
                throw new SocketException(
                        "connected to " + Addresses.text(remote) + ", can't send to " + Addresses.text(target));
            }
            return sendNow(from, target);
        }
    }

    @Override
    public boolean send(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from, "from");
        world.point();
        synchronized (world) {
            checkOpen();
            if (remote == null) {
                throw new NotYetConnectedException();
            }
            return sendNow(from, remote);
        }
    }

    private boolean sendNow(ByteBuffer from, InetSocketAddress to) throws IOException {
        checkUnreachable("sending on");
        int size = from.remaining();
        if (size > MAX_BYTES) {
            throw new SocketException(
                    "Message too long: sending " + size + " bytes to " + Addresses.text(to) + " on " + this);
        }
        if (to.getPort() == 0) {
            throw new SocketException("Invalid argument: sending to " + Addresses.text(to) + " on " + this);
        }
        if (world.fault(world.link(host, host).wouldBlock, label, "a send would block")) {
            world.trace(label, "send finds no room (would block)");
            return false;
        }
        byte[] bytes = new byte[size];
        from.get(bytes);
        host.datagrams.send(this, to, bytes);
        return true;
    }

    @Override
    public Datagrams newDatagrams(int datagrams, int bytesEach) {
        return Datagrams.single(datagrams, bytesEach); // so that programs meet several at a time
    }

    /** The address that receivers see, at this host's own address or the loopback one. */
    InetSocketAddress senderTo(InetAddress target) {
        if (!local.getAddress().isAnyLocalAddress()) {
            return local;
        }
        return new InetSocketAddress(target.isLoopbackAddress() ? target : host.inetAddress(), local.getPort());
    }

    boolean loopsBack() {
        return options.get(StandardSocketOptions.IP_MULTICAST_LOOP);
    }

    @Override
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        Membership membership = membership(group, on);
        synchronized (world) {
            checkOpen();
            if (memberships.contains(membership)) {
                throw new IllegalStateException("group: joined already: " + group + " on " + on.getName());
            }
            memberships.add(membership);
        }
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        synchronized (world) {
            if (!memberships.remove(membership(group, on))) {
                throw new IllegalStateException("group: not joined: " + group + " on " + on.getName());
            }
        }
    }

    private static Membership membership(InetAddress group, NetworkInterface on) {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(on, "on");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException("group: not a multicast address: " + group);
        }
        return new Membership(group, on);
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        synchronized (world) {
            return remote;
        }
    }

    @Override
    public <T> UdpSocket setOption(SocketOption<T> option, T value) throws IOException {
        setOptionNow(option, value);
        return this;
    }

    @Override
    public String toString() {
        SocketAddress to = remoteAddress();
        return "udp socket " + (isOpen() ? Addresses.text(local) : "(closed)")
                + (to == null ? "" : " - " + Addresses.text(to));
    }
}
