package io.millio.transport.nio;

import io.millio.internal.Addresses;
import io.millio.transport.DatagramTooLargeException;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A {@link DatagramChannel}. Its failures concern one datagram, so unlike a stream's they never end it. */
final class NioUdpSocket extends NioSource<UdpSocket> implements UdpSocket {
    /** No datagram is larger: the length field of IP has 16 bits. */
    private static final int MAX_DATAGRAM_BYTES = 65_535;

    // The channel cuts off in silence what does not fit, so datagrams for smaller buffers are received here first.
    // Shared by all threads and bounded, as there may be a virtual thread for each datagram.
    private static final Queue<ByteBuffer> SPARE = new ArrayBlockingQueue<>(16);

    private final DatagramChannel channel;
    private final SocketAddress bound;

    // Guarded by itself; joining and leaving are rare.
    private final Set<MembershipKey> memberships = new HashSet<>();

    NioUdpSocket(DatagramChannel channel) throws IOException {
        this.channel = channel;
        this.bound = channel.getLocalAddress();
    }

    @Override
    DatagramChannel channel() {
        return channel;
    }

    @Override
    public void connect(SocketAddress remote) throws IOException {
        SocketAddress to = Addresses.resolved(remote, "remote");
        try {
            channel.connect(to);
        } catch (IOException e) {
            throw NioErrors.at(e, "connecting to " + Addresses.text(to));
        }
    }

    @Override
    public void disconnect() throws IOException {
        channel.disconnect();
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer to) throws IOException {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("to: a read-only buffer: " + to);
        }
        try {
            return to.remaining() >= MAX_DATAGRAM_BYTES ? channel.receive(to) : receiveWhole(to);
        } catch (IOException e) {
            throw failure(e, "receiving on");
        }
    }

    private @Nullable SocketAddress receiveWhole(ByteBuffer to) throws IOException {
        ByteBuffer spare = SPARE.poll();
        ByteBuffer whole = spare == null ? ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES) : spare.clear();
        try {
            SocketAddress sender = channel.receive(whole);
            if (sender == null) {
                return null;
            }
            whole.flip();
            if (whole.remaining() > to.remaining()) {
                throw new DatagramTooLargeException(sender, whole.remaining() + " bytes", to.remaining());
            }
            to.put(whole);
            return sender;
        } finally {
            SPARE.offer(whole);
        }
    }

    @Override
    public boolean send(ByteBuffer from, SocketAddress to) throws IOException {
        SocketAddress target = Addresses.resolved(to, "to");
        int size = sizeToSend(from);
        try {
            // An empty datagram that is sent and one that is not both count 0 bytes; in practice it is sent.
            return channel.send(from, target) == size;
        } catch (IOException e) {
            throw failure(e, "sending to " + Addresses.text(target) + " on");
        }
    }

    @Override
    public boolean send(ByteBuffer from) throws IOException {
        int size = sizeToSend(from);
        try {
            return channel.write(from) == size;
        } catch (IOException e) {
            throw failure(e, "sending on");
        }
    }

    /** The size; refuses what the channel, when it is connected, drops without a word. */
    private int sizeToSend(ByteBuffer from) {
        int size = from.remaining();
        if (size == 0 && channel.isConnected()) {
            throw new UnsupportedOperationException("from: empty, which java.nio can't send on a connected socket");
        }
        return size;
    }

    private IOException failure(IOException cause, String what) {
        if (cause instanceof DatagramTooLargeException) {
            return cause;
        }
        if (cause instanceof PortUnreachableException) {
            PortUnreachableException named = new PortUnreachableException("port unreachable: " + what + " " + this);
            named.initCause(cause);
            return named;
        }
        return NioErrors.at(cause, what + " " + this);
    }

    @Override
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        Addresses.checkGroup(group, on);
        synchronized (memberships) {
            if (!memberships.add(channel.join(group, on))) { // the key is the same one as before, then
                throw new IllegalStateException("group: joined already: " + group + " on " + on.getName());
            }
        }
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        Addresses.checkGroup(group, on);
        synchronized (memberships) {
            MembershipKey key = memberships.stream()
                    .filter(each -> each.group().equals(group)
                            && each.networkInterface().equals(on))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalStateException("group: not joined: " + group + " on " + on.getName()));
            memberships.remove(key);
            key.drop();
        }
    }

    @Override
    public SocketAddress localAddress() {
        SocketAddress now = channel.socket().getLocalSocketAddress();
        return now == null ? bound : now; // null once it is closed
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return channel.socket().getRemoteSocketAddress();
    }

    @Override
    public String toString() {
        SocketAddress remote = isOpen() ? remoteAddress() : null;
        return "udp socket " + (isOpen() ? Addresses.text(localAddress()) : "(closed)")
                + (remote == null ? "" : " - " + Addresses.text(remote));
    }
}
