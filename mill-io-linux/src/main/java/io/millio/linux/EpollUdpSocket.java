package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.millio.internal.Addresses;
import io.millio.linux.sys.BufferAddresses;
import io.millio.linux.sys.Buffers;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Errno;
import io.millio.linux.sys.Function;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.Libc;
import io.millio.linux.sys.Scratch;
import io.millio.linux.sys.SocketAddresses;
import io.millio.linux.sys.SocketCalls;
import io.millio.transport.DatagramTooLargeException;
import io.millio.transport.Datagrams;
import io.millio.transport.Readiness;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.ref.Reference;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A datagram socket. Its failures concern one datagram, so unlike a stream's they never end it. */
final class EpollUdpSocket extends SocketDescriptor<UdpSocket> implements UdpSocket {
    /** No datagram is larger: the length field of IP has 16 bits. */
    private static final int MAX_DATAGRAM_BYTES = 65_535;

    // What epoll reports of a datagram socket is an error that waits for a call: it is no end.
    private static final int CALL_TELLS = Constants.EPOLLERR | Constants.EPOLLHUP;

    private static final int MEMORY_BYTES = 512;
    private static final int CACHE_LINE_BYTES = 64;

    private final InetSocketAddress bound;

    // The reader's: errno, where the system puts the sender, and the one before, whose address need not be made again.
    private final MemorySegment readErrno;
    private final MemorySegment senderLength;
    private final SenderCache sender;

    // The writer's: errno, and the last target, as it was written for the system.
    private final MemorySegment writeErrno;
    private final MemorySegment target;
    private @Nullable SocketAddress targetWritten;
    private int targetLength;

    // Volatile: set by the thread that connects, read by any thread.
    private volatile @Nullable InetSocketAddress remote;

    EpollUdpSocket(int fd, int family, InetSocketAddress bound) {
        super(fd, family);
        this.bound = bound;
        // One block: the reader's part, and on cache lines of its own the writer's.
        SegmentAllocator memory =
                SegmentAllocator.slicingAllocator(Arena.ofAuto().allocate(MEMORY_BYTES, CACHE_LINE_BYTES));
        this.readErrno = memory.allocate(Function.ERRNO_BYTES, 8);
        this.senderLength = memory.allocate(Integer.BYTES, 8);
        this.sender = new SenderCache(memory);
        this.writeErrno = memory.allocate(Function.ERRNO_BYTES, CACHE_LINE_BYTES);
        this.target = memory.allocate(SocketAddresses.MAX_BYTES, 8);
    }

    @Override
    SocketOptions options() {
        return SocketOptions.UDP;
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
        InetSocketAddress to = Addresses.resolved(peer, "remote");
        begin();
        try {
            Errno.checkSocket(SocketCalls.connect(fd, family, to), "connecting to " + Addresses.text(to));
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
            int result =
                    Libc.Sockets.CONNECT.call(scratch.errno, fd, scratch.address.address(), Layouts.SOCKADDR_IN_SIZE);
            if (result != -Errno.EAFNOSUPPORT) {
                Errno.checkSocket(result, "disconnecting " + this);
            }
            // A port that the system chose is lost with the peer: the socket takes it again.
            if (SocketCalls.localAddress(fd) instanceof InetSocketAddress now && now.getPort() == 0) {
                Errno.checkSocket(SocketCalls.bind(fd, family, bound), "disconnecting " + this);
            }
        } finally {
            end();
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
            int got = receive(address + start, room);
            if (got < 0) {
                return null;
            }
            to.position(start + got);
            return sender.address(senderLength.get(JAVA_INT, 0));
        } finally {
            Reference.reachabilityFence(to);
            end();
        }
    }

    /** The system cuts off what does not fit, so a datagram for a smaller buffer is received elsewhere first. */
    private @Nullable SocketAddress receiveByCopy(ByteBuffer to) throws IOException {
        try (Scratch scratch = Scratch.take()) {
            int got = receive(scratch.bytesAddress(), Scratch.BYTES);
            if (got < 0) {
                return null;
            }
            SocketAddress from = sender.address(senderLength.get(JAVA_INT, 0));
            if (got > to.remaining()) {
                throw new DatagramTooLargeException(from, got + " bytes", to.remaining());
            }
            to.put(scratch.bytes().clear().limit(got));
            return from;
        }
    }

    /** Returns the size, or -1 when none is there. */
    private int receive(long address, int room) throws IOException {
        senderLength.set(JAVA_INT, 0, SocketAddresses.MAX_BYTES);
        long got = Libc.Datagrams.RECVFROM.transfer(
                readErrno, fd, address, room, Constants.MSG_DONTWAIT, sender.written.address(), senderLength.address());
        if (got >= 0) {
            return (int) got;
        }
        if (got == -Errno.EAGAIN) {
            return -1;
        }
        throw datagramFailure((int) -got, "receiving on");
    }

    private IOException datagramFailure(int error, String what) {
        return error == Errno.ECONNREFUSED
                ? new PortUnreachableException("port unreachable: " + what + " " + this)
                : Errno.ofTransfer(error, what + " " + this);
    }

    // ---- sending

    @Override
    public boolean send(ByteBuffer from, SocketAddress to) throws IOException {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        InetSocketAddress peer = checkTarget(to);
        begin();
        try {
            if (to != targetWritten) { // not by equals, which takes no notice of the scope of an IPv6 address
                targetWritten = null;
                targetLength = SocketAddresses.encode(Addresses.resolved(to, "to"), family, target);
                targetWritten = to;
            }
            return send(from, peer == null ? target.address() : 0, to);
        } finally {
            end();
        }
    }

    /** Returns the connected peer, if there is one; refuses any other address then. */
    @Nullable
    InetSocketAddress checkTarget(SocketAddress to) throws SocketException, UnknownHostException {
        InetSocketAddress peer = remote;
        if (peer != null && !isSame(peer, to)) {
            Addresses.resolved(to, "to");
            throw new AlreadyConnectedException();
        }
        return peer;
    }

    /** Equal addresses may be of different interfaces: the platform's comparison leaves out the scope. */
    private static boolean isSame(InetSocketAddress peer, SocketAddress to) {
        return peer == to || (peer.equals(to) && scope(peer) == scope((InetSocketAddress) to));
    }

    private static int scope(InetSocketAddress of) {
        return of.getAddress() instanceof Inet6Address newer ? newer.getScopeId() : 0;
    }

    @Override
    public boolean send(ByteBuffer from) throws IOException {
        Objects.requireNonNull(from, "from");
        begin();
        try {
            if (remote == null) {
                throw new NotYetConnectedException();
            }
            return send(from, 0, null);
        } finally {
            end();
        }
    }

    /** Sends to an address in native memory, or to the peer; {@code to} is for the message of a failure. */
    private boolean send(ByteBuffer from, long name, @Nullable SocketAddress to) throws IOException {
        int start = from.position();
        int size = Math.max(0, from.limit() - start);
        long address = Buffers.address(from);
        long result;
        try {
            result = address != BufferAddresses.NONE
                    ? send(address + start, size, name)
                    : size <= Scratch.BYTES ? sendByCopy(from, start, size, name) : -Errno.EMSGSIZE;
        } finally {
            Reference.reachabilityFence(from);
        }
        if (result >= 0) {
            from.position(start + size);
            return true;
        }
        if (result == -Errno.EAGAIN) {
            return false;
        }
        throw datagramFailure((int) -result, to == null ? "sending on" : "sending to " + Addresses.text(to) + " on");
    }

    private long sendByCopy(ByteBuffer from, int start, int size, long name) {
        try (Scratch scratch = Scratch.take()) {
            scratch.bytes().clear().put(0, from, start, size);
            return send(scratch.bytesAddress(), size, name);
        }
    }

    private long send(long address, int size, long name) {
        return Libc.Datagrams.SENDTO.transfer(writeErrno, fd, address, size, 0, name, name == 0 ? 0 : targetLength);
    }

    /** Has the system receive or send an array of {@code mmsghdr}; returns how many it did. */
    int batch(boolean receive, MemorySegment error, long headers, int count) throws IOException {
        begin();
        try {
            Function function = receive ? Libc.Datagrams.RECVMMSG : Libc.Datagrams.SENDMMSG;
            int result = function.transferInt(error, fd, headers, count, 0);
            if (result < 0 && result != -Errno.EAGAIN) {
                throw datagramFailure(-result, receive ? "receiving on" : "sending on");
            }
            return Math.max(0, result);
        } finally {
            end();
        }
    }

    @Override
    public Datagrams newDatagrams(int datagrams, int bytesEach) {
        return new DatagramBatch(datagrams, bytesEach);
    }

    // ---- groups

    @Override
    public void join(InetAddress group, NetworkInterface on) throws IOException {
        changeMembership(true, group, on);
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on) throws IOException {
        changeMembership(false, group, on);
    }

    private void changeMembership(boolean join, InetAddress group, NetworkInterface on) throws IOException {
        Addresses.checkGroup(group, on);
        byte[] bytes = group.getAddress();
        boolean older = bytes.length == 4;
        if (older != (family == Constants.AF_INET)) {
            throw new IllegalArgumentException(
                    "group: the socket is one of " + (older ? "IPv6" : "IPv4") + ": " + group);
        }
        int olderOption = join ? Constants.IP_ADD_MEMBERSHIP : Constants.IP_DROP_MEMBERSHIP;
        int newerOption = join ? Constants.IPV6_ADD_MEMBERSHIP : Constants.IPV6_DROP_MEMBERSHIP;
        begin();
        try (Scratch scratch = Scratch.take()) {
            scratch.value.fill((byte) 0);
            MemorySegment.copy(bytes, 0, scratch.value, JAVA_BYTE, Layouts.IP_MREQN__IMR_MULTIADDR, bytes.length);
            int index = older ? Layouts.IP_MREQN__IMR_IFINDEX : Layouts.IPV6_MREQ__IPV6MR_INTERFACE;
            scratch.value.set(JAVA_INT, index, on.getIndex());
            int result = Libc.Sockets.SETSOCKOPT.call(
                    scratch.errno,
                    fd,
                    older ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6,
                    older ? olderOption : newerOption,
                    scratch.value.address(),
                    older ? Layouts.IP_MREQN_SIZE : Layouts.IPV6_MREQ_SIZE);
            String where = group + " on " + on.getName();
            if (result == (join ? -Errno.EADDRINUSE : -Errno.EADDRNOTAVAIL)) {
                throw new IllegalStateException("group: " + (join ? "joined already: " : "not joined: ") + where);
            }
            Errno.checkSocket(result, (join ? "joining " : "leaving ") + where);
        } finally {
            end();
        }
    }

    // ---- state

    @Override
    public SocketAddress localAddress() {
        // One on any address has a certain one while it is connected.
        if (remote != null && enter()) {
            try {
                return EpollTransport.localAddress(fd, bound);
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
    public String toString() {
        SocketAddress peer = remoteAddress();
        return "udp socket " + (isOpen() ? Addresses.text(localAddress()) : "(closed)")
                + (peer == null ? "" : " - " + Addresses.text(peer));
    }
}
