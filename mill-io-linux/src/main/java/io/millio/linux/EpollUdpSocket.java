package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millio.transport.DatagramTooLargeException;
import io.millio.transport.Readiness;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A datagram socket. Its failures concern one datagram, so unlike a stream's they never end it. */
final class EpollUdpSocket extends SocketDescriptor implements UdpSocket {
    /** No datagram is larger: the length field of IP has 16 bits. */
    private static final int MAX_DATAGRAM_BYTES = 65_535;

    // What epoll tells of a socket like this is an error that waits for a call: it is no end.
    private static final int CALL_TELLS = Constants.EPOLLERR | Constants.EPOLLHUP;

    private final int family;
    private final InetSocketAddress bound;
    private final Memberships memberships = new Memberships();

    // The reader's: errno, where the system puts the sender, and the one before, whose address need not be made again.
    private final MemorySegment readErrno = Arena.ofAuto().allocate(Libc.ERRNO_BYTES, 8);
    private final MemorySegment sender = Arena.ofAuto().allocate(SocketAddresses.MAX_BYTES, 8);
    private final MemorySegment senderLength = Arena.ofAuto().allocate(JAVA_INT);
    private final SenderCache senders = new SenderCache();

    // The writer's: errno, and the last target, as it was written for the system.
    private final MemorySegment writeErrno = Arena.ofAuto().allocate(Libc.ERRNO_BYTES, 8);
    private final MemorySegment target = Arena.ofAuto().allocate(SocketAddresses.MAX_BYTES, 8);
    private @Nullable SocketAddress targetWritten;
    private int targetLength;

    // Volatile: set by whoever connects, read by any thread.
    private volatile @Nullable InetSocketAddress remote;

    EpollUdpSocket(int fd, int family, InetSocketAddress bound) {
        super(fd);
        this.family = family;
        this.bound = bound;
    }

    @Override
    SocketOptions options() {
        return SocketOptions.UDP;
    }

    @Override
    int family() {
        return family;
    }

    @Override
    int readiness(int events) {
        boolean callTells = (events & CALL_TELLS) != 0;
        return ((events & Constants.EPOLLIN) != 0 || callTells ? Readiness.READABLE : 0)
                | ((events & Constants.EPOLLOUT) != 0 || callTells ? Readiness.WRITABLE : 0);
    }

    // ---- connecting

    @Override
    public void connect(SocketAddress peer) throws IOException {
        InetSocketAddress to = SocketAddresses.resolved(peer, "remote");
        begin();
        try (Scratch scratch = Scratch.take()) {
            int length = SocketAddresses.encode(to, family, scratch.address);
            int result = SocketCalls.connect(scratch.errno, fd, scratch.address.address(), length);
            if (result < 0) {
                throw Errno.exception(-result, "connecting to " + SocketAddresses.text(to));
            }
            remote = to;
        } finally {
            end();
        }
    }

    @Override
    public void disconnect() throws IOException {
        begin();
        try (Scratch scratch = Scratch.take()) {
            remote = null;
            scratch.address.fill((byte) 0);
            scratch.address.set(JAVA_SHORT, Layouts.SOCKADDR__SA_FAMILY, (short) Constants.AF_UNSPEC);
            int result = SocketCalls.connect(scratch.errno, fd, scratch.address.address(), Layouts.SOCKADDR_IN_SIZE);
            if (result < 0 && result != -Errno.EAFNOSUPPORT) {
                throw Errno.exception(-result, "disconnecting " + this);
            }
            bindAgain(scratch);
        } finally {
            end();
        }
    }

    /** A port that the system chose is lost with the peer: the socket takes it again. */
    private void bindAgain(Scratch scratch) throws IOException {
        SocketAddress now = SocketAddresses.ofSocket(fd);
        if (now instanceof InetSocketAddress inet && inet.getPort() == 0) {
            int length = SocketAddresses.encode(bound, family, scratch.address);
            int result = SocketCalls.bind(scratch.errno, fd, scratch.address.address(), length);
            if (result < 0) {
                throw Errno.exception(-result, "disconnecting " + this);
            }
        }
    }

    // ---- receiving

    @Override
    public @Nullable SocketAddress receive(ByteBuffer to) throws IOException {
        Objects.requireNonNull(to, "to");
        Buffers.writable(to);
        begin();
        try {
            int start = to.position();
            int room = to.limit() - start;
            long address = room >= MAX_DATAGRAM_BYTES ? Buffers.address(to) : BufferAddresses.NONE;
            if (address == BufferAddresses.NONE) {
                return receiveByCopy(to);
            }
            long got = receive(address + start, room);
            if (got < 0) {
                return nothing((int) -got);
            }
            to.position(start + (int) got);
            return senders.address(sender, senderLength.get(JAVA_INT, 0));
        } finally {
            Reference.reachabilityFence(to);
            end();
        }
    }

    /** The system cuts off what does not fit, so a datagram for a smaller buffer is received elsewhere first. */
    private @Nullable SocketAddress receiveByCopy(ByteBuffer to) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            int got = (int) receive(scratch.bytesAddress(), Scratch.BYTES);
            if (got < 0) {
                return nothing(-got);
            }
            SocketAddress from = senders.address(sender, senderLength.get(JAVA_INT, 0));
            if (got > to.remaining()) {
                throw new DatagramTooLargeException(from, got + " bytes", to.remaining());
            }
            to.put(scratch.bytes.clear().limit(got));
            return from;
        }
    }

    private long receive(long address, int room) {
        while (true) {
            senderLength.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
            long got = DatagramCalls.recvfrom(
                    readErrno, fd, address, room, Constants.MSG_DONTWAIT, sender.address(), senderLength.address());
            if (got != -Errno.EINTR) {
                return got;
            }
        }
    }

    private @Nullable SocketAddress nothing(int error) throws IOException {
        if (error == Errno.EAGAIN) {
            return null;
        }
        throw failure(error, "receiving on");
    }

    IOException failure(int error, String what) {
        return error == Errno.ECONNREFUSED
                ? new PortUnreachableException("port unreachable: " + what + " " + this)
                : Errno.ofTransfer(error, what + " " + this);
    }

    // ---- sending

    @Override
    public boolean send(ByteBuffer from, SocketAddress to) throws IOException {
        Objects.requireNonNull(from, "from");
        InetSocketAddress peer = remote;
        if (peer != null && !peer.equals(to)) {
            SocketAddresses.resolved(to, "to");
            throw new AlreadyConnectedException();
        }
        begin();
        try {
            if (!to.equals(targetWritten)) {
                targetWritten = null;
                targetLength = SocketAddresses.encode(SocketAddresses.resolved(to, "to"), family, target);
                targetWritten = to;
            }
            return sent(send(from, peer == null ? target.address() : 0), to);
        } finally {
            end();
        }
    }

    @Override
    public boolean send(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from, "from");
        begin();
        try {
            if (remote == null) {
                throw new NotYetConnectedException();
            }
            return sent(send(from, 0), null);
        } finally {
            end();
        }
    }

    private long send(ByteBuffer from, long to) {
        int start = from.position();
        int size = Math.max(0, from.limit() - start);
        long address = Buffers.address(from);
        try {
            long result = address != BufferAddresses.NONE
                    ? send(address + start, size, to)
                    : size <= Scratch.BYTES ? sendByCopy(from, start, size, to) : -Errno.EMSGSIZE;
            if (result >= 0) {
                from.position(start + size);
            }
            return result;
        } finally {
            Reference.reachabilityFence(from);
        }
    }

    private long sendByCopy(ByteBuffer from, int start, int size, long to) {
        try (Scratch scratch = Scratch.take()) {
            scratch.bytes.clear().put(0, from, start, size);
            return send(scratch.bytesAddress(), size, to);
        }
    }

    private long send(long address, int size, long to) {
        while (true) {
            long result = DatagramCalls.sendto(writeErrno, fd, address, size, to, to == 0 ? 0 : targetLength);
            if (result != -Errno.EINTR) {
                return result;
            }
        }
    }

    private boolean sent(long result, @Nullable SocketAddress to) throws IOException {
        if (result >= 0) {
            return true;
        }
        if (result == -Errno.EAGAIN) {
            return false;
        }
        throw failure((int) -result, to == null ? "sending on" : "sending to " + SocketAddresses.text(to) + " on");
    }

    /** Has the system receive or send an array of {@code mmsghdr}; returns how many it did. */
    int batch(boolean receive, MemorySegment error, long headers, int count) throws IOException {
        begin();
        try {
            int result;
            do {
                result = receive
                        ? DatagramCalls.recvmmsg(error, fd, headers, count)
                        : DatagramCalls.sendmmsg(error, fd, headers, count);
            } while (result == -Errno.EINTR);
            if (result < 0 && result != -Errno.EAGAIN) {
                throw failure(-result, receive ? "receiving on" : "sending on");
            }
            return Math.max(0, result);
        } finally {
            end();
        }
    }

    // ---- groups

    @Override
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        Memberships.check(group, on);
        begin();
        try {
            memberships.join(fd, family, group, on);
        } finally {
            end();
        }
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        Memberships.check(group, on);
        begin();
        try {
            memberships.leave(fd, family, group, on);
        } finally {
            end();
        }
    }

    // ---- telling

    @Override
    public SocketAddress localAddress() {
        // One on any address has a certain one while it is connected.
        if (remote != null && enter()) {
            try {
                return SocketOpener.orElse(SocketAddresses.ofSocket(fd), bound);
            } catch (IOException e) {
                return bound;
            } finally {
                end();
            }
        }
        return bound;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return isOpen() ? remote : null;
    }

    @Override
    public <T> UdpSocket setOption(SocketOption<T> option, T value) throws IOException {
        set(option, value);
        return this;
    }

    @Override
    public String toString() {
        SocketAddress peer = remoteAddress();
        return "udp socket " + (isOpen() ? SocketAddresses.text(localAddress()) : "(closed)")
                + (peer == null ? "" : " - " + SocketAddresses.text(peer));
    }
}
