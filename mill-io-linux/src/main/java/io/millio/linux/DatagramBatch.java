package io.millio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millio.internal.Addresses;
import io.millio.internal.Arguments;
import io.millio.linux.sys.Buffers;
import io.millio.linux.sys.Constants;
import io.millio.linux.sys.Function;
import io.millio.linux.sys.Layouts;
import io.millio.linux.sys.SocketAddresses;
import io.millio.transport.Datagrams;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that are received, or sent, by one call to the system: recvmmsg(2) and sendmmsg(2). For sockets of the
 * epoll transport. One thread at a time; it belongs to no socket, so one a thread will do.
 *
 * <pre>{@code
 * int count = batch.receive(socket);
 * for (int i = 0; i < count; i++) {
 *     handle(batch.buffer(i), batch.address(i)); // the buffer is flipped
 * }
 * }</pre>
 *
 * <p>An echo is {@code batch.receive(socket)} and {@code batch.send(socket, count)}: each datagram goes back where it
 * came from.
 */
public final class DatagramBatch implements Datagrams {
    /** The most datagrams that a batch can have: the system takes no more at once. */
    public static final int MAX_DATAGRAMS = 1024;

    private static final int MAX_BYTES = 65_535;

    private final int datagrams;
    private final int bytesEach;
    private final MemorySegment errno;
    private final MemorySegment headers;
    private final MemorySegment room; // an array of iovec, never changed: where received datagrams go
    private final MemorySegment sent; // an array of iovec: what is sent
    private final ByteBuffer[] buffers;
    private final SenderCache[] senders;
    private final long contentAddress;
    private int received;

    // The address of each place, as it was last written by this: the same one need not be written again.
    private final @Nullable SocketAddress[] targets;
    private final int[] targetLengths;
    private int targetFamily;

    // Taken for each call to the system, which writes where the headers point: two at a time are refused.
    private final AtomicBoolean inUse = new AtomicBoolean();

    /**
     * Room for datagrams.
     *
     * @param datagrams how many, at least 1 and at most {@link #MAX_DATAGRAMS}
     * @param bytesEach how large each can be, at least 1 and at most 65,535
     */
    public DatagramBatch(int datagrams, int bytesEach) {
        EpollTransportProvider.checkUsable();
        this.datagrams = Arguments.between(1, datagrams, MAX_DATAGRAMS, "datagrams");
        this.bytesEach = Arguments.between(1, bytesEach, MAX_BYTES, "bytesEach");
        Arena arena = Arena.ofAuto();
        this.errno = arena.allocate(Function.ERRNO_BYTES, 8);
        this.headers = arena.allocate((long) datagrams * Layouts.MMSGHDR_SIZE, 8);
        SegmentAllocator addresses =
                SegmentAllocator.slicingAllocator(arena.allocate(2L * datagrams * SocketAddresses.MAX_BYTES, 8));
        this.room = arena.allocate((long) datagrams * Layouts.IOVEC_SIZE, 8);
        this.sent = arena.allocate((long) datagrams * Layouts.IOVEC_SIZE, 8);
        MemorySegment content = arena.allocate((long) datagrams * bytesEach, 8);
        this.contentAddress = content.address();
        this.buffers = new ByteBuffer[datagrams];
        this.senders = new SenderCache[datagrams];
        this.targets = new SocketAddress[datagrams];
        this.targetLengths = new int[datagrams];
        for (int i = 0; i < datagrams; i++) {
            Buffers.setVector(room, i, start(i), bytesEach);
            headers.set(JAVA_LONG, header(i) + Layouts.MSGHDR__MSG_IOVLEN, 1);
            buffers[i] = content.asSlice((long) i * bytesEach, bytesEach).asByteBuffer();
            senders[i] = new SenderCache(addresses);
        }
    }

    private static long header(int index) {
        return (long) index * Layouts.MMSGHDR_SIZE;
    }

    /** Returns the offset of a datagram's room. */
    private long start(int index) {
        return contentAddress + (long) index * bytesEach;
    }

    private static EpollUdpSocket own(UdpSocket socket) {
        Objects.requireNonNull(socket, "socket");
        if (socket instanceof EpollUdpSocket own) {
            return own;
        }
        throw new IllegalArgumentException(
                "socket: not one of transport epoll but a " + socket.getClass().getName() + ": " + socket);
    }

    @Override
    public int capacity() {
        return datagrams;
    }

    /**
     * Receives what is there, up to the room in the batch. A datagram that is too large for its place is cut off there:
     * see {@link #isCutOff}.
     *
     * @return how many; 0 when none is there now
     */
    @Override
    public int receive(UdpSocket socket) throws IOException {
        EpollUdpSocket own = own(socket);
        begin();
        try {
            for (int i = 0; i < datagrams; i++) {
                setHeader(i, room, senders[i].written.address(), SocketAddresses.MAX_BYTES);
            }
            received = 0;
            Arrays.fill(targets, null); // the system writes there
            int count = own.batch(true, errno, headers.address(), datagrams);
            for (int i = 0; i < count; i++) {
                buffers[i].clear().limit(headers.get(JAVA_INT, header(i) + Layouts.MMSGHDR__MSG_LEN));
            }
            received = count;
            return count;
        } finally {
            inUse.set(false);
        }
    }

    /** The bytes of a datagram; in the memory of the batch, so valid until the next {@link #receive}. */
    @Override
    public ByteBuffer buffer(int index) {
        return buffers[Objects.checkIndex(index, datagrams)];
    }

    /**
     * Returns the sender of a datagram of the last receive. Allocates nothing where the one before in this place came
     * from there too.
     */
    @Override
    public SocketAddress address(int index) {
        Objects.checkIndex(index, received);
        int length = headers.get(JAVA_INT, header(index) + Layouts.MSGHDR__MSG_NAMELEN);
        return senders[index].address(length);
    }

    /** Returns whether a datagram of the last receive was larger than its room, and was truncated. */
    @Override
    public boolean isCutOff(int index) {
        Objects.checkIndex(index, received);
        return (headers.get(JAVA_INT, header(index) + Layouts.MSGHDR__MSG_FLAGS) & Constants.MSG_TRUNC) != 0;
    }

    /** Sets where a datagram goes that is sent next. Allocates nothing for the object that was set there before. */
    @Override
    public void setAddress(int index, SocketAddress to, UdpSocket by) throws IOException {
        Objects.checkIndex(index, datagrams);
        EpollUdpSocket own = own(by);
        own.checkTarget(to);
        if (targetFamily != own.family) {
            Arrays.fill(targets, null);
            targetFamily = own.family;
        }
        if (targets[index] != to) { // not by equals, which takes no notice of the scope of an IPv6 address
            targets[index] = null;
            targetLengths[index] =
                    SocketAddresses.encode(Addresses.resolved(to, "to"), own.family, senders[index].written);
            targets[index] = to;
        }
        headers.set(JAVA_INT, header(index) + Layouts.MSGHDR__MSG_NAMELEN, targetLengths[index]);
    }

    /**
     * Sends what remains in the first buffers, each to its address: where it came from, unless {@link #setAddress} has
     * set another. To the peer where the socket is connected.
     *
     * @return how many the system took; the rest is as it was
     */
    public int send(UdpSocket socket, int count) throws IOException {
        return send(socket, 0, count);
    }

    @Override
    public int send(UdpSocket socket, int first, int count) throws IOException {
        EpollUdpSocket own = own(socket);
        Arguments.between(0, first, datagrams, "first");
        Arguments.between(0, count, datagrams - first, "count");
        begin();
        try {
            boolean connected = socket.remoteAddress() != null;
            for (int i = first; i < first + count; i++) {
                int position = buffers[i].position();
                Buffers.setVector(sent, i, start(i) + position, Math.max(0, buffers[i].limit() - position));
                int length = headers.get(JAVA_INT, header(i) + Layouts.MSGHDR__MSG_NAMELEN);
                setHeader(i, sent, connected ? 0 : senders[i].written.address(), connected ? 0 : length);
            }
            return count == 0 ? 0 : own.batch(false, errno, headers.address() + header(first), count);
        } finally {
            inUse.set(false);
        }
    }

    private void setHeader(int index, MemorySegment vectors, long name, int nameBytes) {
        long header = header(index);
        headers.set(JAVA_LONG, header + Layouts.MSGHDR__MSG_NAME, name);
        headers.set(JAVA_INT, header + Layouts.MSGHDR__MSG_NAMELEN, nameBytes);
        headers.set(JAVA_LONG, header + Layouts.MSGHDR__MSG_IOV, vectors.address() + (long) index * Layouts.IOVEC_SIZE);
    }

    private void begin() {
        if (!inUse.compareAndSet(false, true)) {
            throw new ConcurrentModificationException("the batch is used by another thread");
        }
    }
}
