package io.millio.net;

import io.millio.Event;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.TurnHandler;
import io.millio.net.wire.Chunk;
import io.millio.transport.Interest;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket on a loop: receives and sends in batches, so many a turn that others have theirs. Unless a method
 * says otherwise it is for any thread.
 *
 * <p>What the system does not take at once waits in a queue; a datagram beyond {@link #MAX_QUEUED_BYTES} is refused.
 * Datagrams get lost on the way too: one that can't be sent or received, as after an ICMP message, is counted and
 * otherwise forgotten, and harms no other. A callback that throws is counted and reported to the loop's error handler;
 * the endpoint goes on.
 */
public final class UdpEndpoint implements AutoCloseable {
    /** How many bytes wait to be sent at most. */
    public static final int MAX_QUEUED_BYTES = 4 << 20;

    private static final int RECEIVES_PER_EVENT = 64;
    private static final int SENDS_PER_TURN = 256;

    /** So many receives in a row that fail are no matter of single datagrams: the endpoint is closed then. */
    static final int MAX_FAILURES_IN_A_ROW = 1024;

    /** A datagram that waits; linked, so that the queue needs no memory of its own. */
    private static final class Outgoing {
        final SocketAddress to;

        @Nullable
        Chunk bytes; // null: not in the queue yet

        @Nullable
        Outgoing next;

        Outgoing(SocketAddress to) {
            this.to = to;
        }

        Chunk bytes() {
            return Objects.requireNonNull(bytes);
        }
    }

    private final NetLoop net;
    private final UdpSocket socket;
    private final DatagramHandler handler;
    private final Events events = new Events();
    private final Runnable flush = this::flush;

    // Guards the fields below; the count of bytes may be read without.
    private final Object queue = new Object();
    private @Nullable Outgoing first;
    private @Nullable Outgoing last;
    private volatile long queuedBytes;
    private boolean flushQueued;
    private boolean closed;
    private boolean refused;
    private boolean blocked;

    // The turn's; registration before the endpoint is given out, too.
    private @Nullable Registration registration;
    private @Nullable Throwable failure;
    private int failuresInARow;

    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private UdpEndpoint(NetLoop net, UdpSocket socket, DatagramHandler handler) {
        this.net = net;
        this.socket = socket;
        this.handler = handler;
    }

    /** Opens an endpoint on a loop; port 0 takes a free port. */
    public static UdpEndpoint open(EventLoop loop, SocketAddress local, DatagramHandler handler) throws IOException {
        return open(loop, local, Set.of(), handler);
    }

    /**
     * Opens an endpoint on a loop.
     *
     * @param switchedOn options to switch on before it is bound
     * @throws java.net.BindException if the address is in use or not of this machine
     * @throws RejectedExecutionException if the loop is closed or shutting down
     */
    public static UdpEndpoint open(
            EventLoop loop, SocketAddress local, Set<SocketOption<Boolean>> switchedOn, DatagramHandler handler)
            throws IOException {
        Objects.requireNonNull(handler, "handler");
        NetLoop net = NetLoop.of(loop);
        UdpSocket socket = loop.openUdp(local, switchedOn);
        boolean registered = false;
        try {
            UdpEndpoint endpoint = new UdpEndpoint(net, socket, handler);
            endpoint.registration = loop.register(socket, Interest.READABLE, endpoint.events);
            registered = true;
            return endpoint;
        } finally {
            if (!registered) {
                socket.close();
            }
        }
    }

    /**
     * Sends a datagram; the bytes have been taken or copied when this returns. Those of one thread leave in the order
     * of its calls.
     *
     * @return false if it was refused, because too much is queued or the endpoint is closed: the bytes are as they
     *     were, and {@link DatagramHandler#onWritable} is called when there is room
     */
    public boolean send(ByteBuffer bytes, SocketAddress to) {
        Objects.requireNonNull(to, "to");
        if (to instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException("to: unresolved: " + to);
        }
        if (net.loop.inLoop() && isIdle()) {
            try {
                if (socket.send(bytes, to)) {
                    return true;
                }
            } catch (IOException | UnsupportedOperationException e) {
                lost.incrementAndGet();
                bytes.position(bytes.limit());
                return true;
            }
            block(true);
        }
        return enqueue(bytes, to);
    }

    /** Whether a datagram may leave at once. */
    private boolean isIdle() {
        synchronized (queue) {
            return !closed && !blocked && first == null;
        }
    }

    private boolean enqueue(ByteBuffer bytes, SocketAddress to) {
        int count = bytes.remaining();
        synchronized (queue) {
            if (closed) {
                return false;
            }
            if (queuedBytes + count > MAX_QUEUED_BYTES) {
                refused = true;
                return false;
            }
            Outgoing added = new Outgoing(to);
            added.bytes = Chunk.copyOf(bytes, Chunk.SHARED); // last: nothing fails behind it
            if (last == null) {
                first = added;
            } else {
                last.next = added;
            }
            last = added;
            queuedBytes += count;
        }
        return flushLater();
    }

    /**
     * Has the loop send what is queued, unless it is about to; false: the loop is closed, which ends what is queued.
     */
    private boolean flushLater() {
        synchronized (queue) {
            if (flushQueued || blocked || closed || first == null) {
                return true;
            }
            flushQueued = true;
        }
        boolean queued = false;
        try {
            net.loop.execute(flush);
            queued = true;
        } catch (RejectedExecutionException e) {
            // The end of the loop is reported, which drops what is queued.
        } finally {
            if (!queued) {
                synchronized (queue) {
                    flushQueued = false; // else no later call would queue it
                }
            }
        }
        return queued;
    }

    private void block(boolean on) {
        synchronized (queue) {
            blocked = on;
        }
        boolean done = false;
        try {
            Registration known = registration;
            if (known != null) {
                known.setInterest(on ? Interest.READABLE_WRITABLE : Interest.READABLE);
            }
            done = true;
        } finally {
            if (!done) {
                synchronized (queue) {
                    blocked = !on; // else no event would end it
                }
            }
        }
    }

    private void flush() {
        synchronized (queue) {
            flushQueued = false;
        }
        try {
            int sent = 0;
            while (sent < SENDS_PER_TURN && sendNext()) {
                sent++;
            }
        } finally {
            boolean unused = flushLater();
        }
        reportWritable();
    }

    /** Sends the first of the queue; false: there is none, or the system does not take it yet. */
    private boolean sendNext() {
        Outgoing next;
        synchronized (queue) {
            next = closed ? null : first;
        }
        if (next == null) {
            return false;
        }
        Chunk bytes = next.bytes();
        int count = bytes.size();
        boolean taken = true;
        try {
            taken = socket.send(bytes.buffer, next.to);
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            lost.incrementAndGet();
        }
        if (!taken) {
            block(true);
            return false;
        }
        synchronized (queue) {
            if (first != next) {
                return false; // closed meanwhile, and all released
            }
            removeFirst(next);
            queuedBytes -= count;
        }
        bytes.release();
        return true;
    }

    private void removeFirst(Outgoing known) {
        first = known.next;
        if (first == null) {
            last = null;
        }
    }

    private void reportWritable() {
        boolean report;
        synchronized (queue) {
            report = refused && !closed && queuedBytes <= MAX_QUEUED_BYTES / 2;
            refused &= !report;
        }
        if (report) {
            try {
                handler.onWritable(this);
            } catch (Throwable t) {
                callbackFailed(t);
            }
        }
    }

    private void callbackFailed(Throwable t) {
        failed.incrementAndGet();
        net.report(this, t);
    }

    /** A datagram could not be received. Something that fails again and again is no matter of one datagram. */
    void receiveFailed(Throwable e) {
        lost.incrementAndGet();
        if (++failuresInARow == MAX_FAILURES_IN_A_ROW) {
            failure = e;
            close();
        }
    }

    /** Closes; what is queued is dropped. A second call does nothing. */
    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
        }
        Registration known = registration;
        if (known != null) {
            known.close();
        }
    }

    /** The socket, to connect it, join groups and set options. */
    public UdpSocket socket() {
        return socket;
    }

    /** Where it listens: the port that was given for a port 0. */
    public SocketAddress localAddress() {
        return socket.localAddress();
    }

    /** The loop whose turn the callbacks run in. */
    public EventLoop loop() {
        return net.loop;
    }

    /** How many bytes wait to be sent. */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** How many datagrams the system refused to send, or could not be received. */
    public long lost() {
        return lost.get();
    }

    /** How often a callback has thrown. */
    public long failed() {
        return failed.get();
    }

    @Override
    public String toString() {
        return "endpoint on " + socket;
    }

    private void releaseAll() {
        synchronized (queue) {
            closed = true;
            for (Outgoing each; (each = first) != null; ) {
                removeFirst(each);
                queuedBytes -= each.bytes().size();
                each.bytes().release();
            }
        }
    }

    /** What the loop calls. */
    private final class Events implements TurnHandler {
        @Override
        public void handle(Event event) {
            registration = event.registration();
            if (event.isWritable() && blocked) {
                block(false);
                flush();
            }
            for (int i = 0; i < RECEIVES_PER_EVENT && event.registration().isActive(); i++) {
                ByteBuffer bytes;
                SocketAddress from;
                try {
                    bytes = net.reader.buffer();
                    from = socket.receive(bytes);
                } catch (ClosedChannelException e) {
                    return; // by another thread; onClose follows
                } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                    receiveFailed(e);
                    continue;
                }
                failuresInARow = 0;
                if (from == null) {
                    return;
                }
                try {
                    handler.onDatagram(UdpEndpoint.this, bytes.flip(), from);
                } catch (Throwable t) {
                    callbackFailed(t);
                }
            }
        }

        @Override
        public void onClose(Registration unused, @Nullable Throwable cause) throws Exception {
            try {
                releaseAll();
            } finally {
                handler.onClose(UdpEndpoint.this, failure != null ? failure : cause);
            }
        }
    }
}
