package io.millio.net.wire;

import io.millio.transport.Datagrams;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a datagram socket is to send: gathered by the loop in the buffers that it shares, or else in a queue. A datagram
 * is gathered only where none is queued, so those of one thread keep their order. Loop thread only, unless a method
 * says otherwise; this guards the queue and the bits.
 */
public final class DatagramSender {
    private static final int SENDS_PER_TURN = 256;

    /** How many failures wait to be reported; more are only counted. */
    private static final int MAX_UNREPORTED = 64;

    /** What has become of a datagram. */
    public enum Result {
        GATHERED,
        QUEUED,
        FULL,
        CLOSED
    }

    /** A datagram that could not be sent; linked. */
    public static final class Failure {
        public final SocketAddress to;
        public final Throwable why;

        @Nullable
        Failure next;

        Failure(SocketAddress to, Throwable why) {
            this.to = to;
            this.why = why;
        }
    }

    private final UdpSocket socket;
    private final DatagramBuffers buffers;
    private final Runnable setInterest;

    // Guarded by this; its counts may be read without.
    private final DatagramQueue queue;
    private boolean closed;
    private boolean refused;
    private boolean blocked;

    /** How many of the queue have been sent. */
    private int toRemove;

    // Those that wait to be reported.
    private @Nullable Failure firstFailure;
    private @Nullable Failure lastFailure;
    private int failures;

    public final AtomicLong lost = new AtomicLong();

    /**
     * Creates one.
     *
     * @param setInterest called, guarded by this, when {@link #isBlocked} has changed
     */
    public DatagramSender(UdpSocket socket, DatagramBuffers buffers, DatagramQueue queue, Runnable setInterest) {
        this.socket = socket;
        this.buffers = buffers;
        this.queue = queue;
        this.setInterest = setInterest;
    }

    /** Takes a datagram. Any thread. */
    public Result send(ByteBuffer bytes, SocketAddress to, boolean inLoop) {
        if (inLoop && gathers() && !hasRoom(bytes.remaining())) {
            sendGathered();
        }
        synchronized (this) {
            if (closed) {
                return Result.CLOSED;
            }
            if (!queue.hasRoom(bytes.remaining())) {
                refused = true;
                return Result.FULL;
            }
            if (!inLoop || blocked || !queue.isEmpty()) {
                queue.add(bytes, to);
                return Result.QUEUED;
            }
        }
        gather(bytes, to);
        return Result.GATHERED;
    }

    private synchronized boolean hasRoom(int size) {
        return queue.hasRoom(size);
    }

    private boolean gathers() {
        return buffers.owner == this;
    }

    /** Whether something is gathered or to be reported. */
    public boolean hasWork() {
        return gathers() || firstFailure != null;
    }

    /** Whether some of the queue may be sent. Any thread. */
    public synchronized boolean canSend() {
        return !blocked && !closed && !queue.isEmpty();
    }

    /** Gathers a datagram. */
    private void gather(ByteBuffer bytes, SocketAddress to) {
        sendThoseOfOthers();
        int size = bytes.remaining();
        Datagrams sending = buffers.sending(socket);
        if (size > sending.buffer(buffers.gathered()).capacity()) {
            sendGathered();
        }
        ByteBuffer room = sending.buffer(buffers.gathered()).clear();
        try {
            if (size > room.remaining()) {
                socket.send(bytes, to); // which refuses it: no datagram is as large
                return;
            }
            sending.setAddress(buffers.gathered(), to, socket);
        } catch (IOException | RuntimeException e) {
            sendFailed(to, e);
            bytes.position(bytes.limit());
            return;
        }
        room.put(bytes).flip();
        buffers.add(this, to, size);
        synchronized (this) {
            queue.reserve(buffers.gathered(), buffers.bytes());
        }
        if (buffers.gathered() == sending.capacity()) {
            sendGathered();
        }
    }

    private void sendThoseOfOthers() {
        DatagramSender other = buffers.owner;
        if (other != null && other != this) {
            other.sendGathered();
        }
    }

    /** Sends what is gathered. What the system does not take is put in front of the queue. */
    public void sendGathered() {
        int count = buffers.gathered();
        if (!gathers() || count == 0) {
            return;
        }
        int at = 0;
        try {
            Datagrams sending = buffers.sending(socket);
            while (at < count) {
                int sent = 1;
                try {
                    sent = sending.send(socket, at, count - at);
                } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                    sendFailed(buffers.target(at), e);
                }
                if (sent == 0) {
                    break;
                }
                at += sent;
            }
            for (int i = count - 1; i >= at; i--) {
                try {
                    putBack(i, sending);
                } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
                    sendFailed(buffers.target(i), e);
                }
            }
        } finally {
            try {
                buffers.clear();
                synchronized (this) {
                    queue.reserve(0, 0);
                }
            } finally {
                if (at < count) {
                    block(true);
                }
            }
        }
    }

    private synchronized void putBack(int index, Datagrams in) {
        if (!closed) {
            queue.putBack(buffers.bytes(index, in), buffers.target(index));
        }
    }

    /** Sends what is gathered and queued, up to a number that leaves others their turn. */
    public void sendAll() {
        sendGathered();
        for (int sent = 0, more = 1; more > 0 && sent < SENDS_PER_TURN; sent += more) {
            more = sendQueued();
        }
    }

    /** The system has room again. */
    public void writable() {
        if (isBlocked()) {
            block(false);
            sendAll();
        }
    }

    /** Sends some of the queue; returns how many have gone: 0 if it is empty, or the system takes none yet. */
    private int sendQueued() {
        sendThoseOfOthers();
        removeSent();
        int sent = 0;
        SocketAddress first;
        synchronized (this) {
            first = closed || blocked ? null : queue.firstAddress();
        }
        if (first == null) {
            return 0;
        }
        try {
            Datagrams sending = buffers.sending(socket);
            int count;
            synchronized (this) {
                count = queue.copyTo(sending, socket);
            }
            if (count > 0) {
                sent = sending.send(socket, 0, count);
            } else {
                socket.send(Objects.requireNonNull(queue.firstBytes()), first); // which refuses it, as in gather
                sent = 1;
            }
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            sendFailed(first, e);
            sent = 1;
        }
        toRemove = sent;
        removeSent();
        if (sent == 0) {
            block(true);
        }
        return sent;
    }

    /** Else they would be sent again. */
    private void removeSent() {
        while (toRemove > 0) {
            synchronized (this) {
                queue.remove();
            }
            toRemove--;
        }
    }

    private void block(boolean on) {
        boolean done = false;
        synchronized (this) {
            blocked = on;
            try {
                setInterest.run();
                done = true;
            } finally {
                if (!done) {
                    blocked = !on; // else no event would end it
                }
            }
        }
    }

    private void sendFailed(SocketAddress to, Throwable e) {
        lost.incrementAndGet();
        if (failures == MAX_UNREPORTED || e instanceof ClosedChannelException) {
            return;
        }
        try {
            Failure added = new Failure(to, e);
            if (lastFailure == null) {
                firstFailure = added;
            } else {
                lastFailure.next = added;
            }
            lastFailure = added;
            failures++;
        } catch (OutOfMemoryError | StackOverflowError unneeded) {
            // it is counted
        }
    }

    /** Takes a failure that is to be reported; null: there is none. */
    public @Nullable Failure pollFailure() {
        Failure polled = firstFailure;
        if (polled != null) {
            firstFailure = polled.next;
            failures--;
            if (firstFailure == null) {
                lastFailure = null;
            }
        }
        return polled;
    }

    /** Whether a datagram was refused and one would be taken now; then the next call says no. */
    public synchronized boolean takesAgain() {
        boolean again = refused && !closed && queue.isHalfEmpty();
        refused &= !again;
        return again;
    }

    /** Whether the system has no room. Any thread. */
    public synchronized boolean isBlocked() {
        return blocked;
    }

    /** How many wait, gathered ones among them. Any thread. */
    public int queuedDatagrams() {
        return queue.count();
    }

    /** How many bytes they have. Any thread. */
    public long queuedBytes() {
        return queue.bytes();
    }

    /** Takes no more. Any thread. */
    public synchronized void close() {
        closed = true;
    }

    /** Drops all. */
    public void release() {
        firstFailure = null;
        lastFailure = null;
        if (gathers()) {
            buffers.clear();
        }
        synchronized (this) {
            closed = true;
            queue.reserve(0, 0);
            queue.clear();
        }
    }
}
