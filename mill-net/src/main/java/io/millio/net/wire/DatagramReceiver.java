package io.millio.net.wire;

import io.millio.net.account.MemoryAccount;
import io.millio.transport.Datagrams;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives several datagrams at once and delivers one after the other. Those behind one whose callback pauses receiving
 * are held, and delivered first when it goes on. Loop only, unless a method says otherwise.
 */
public final class DatagramReceiver {
    private static final int RECEIVES_PER_EVENT = 64;

    /** So many receives in a row that fail are no matter of single datagrams. */
    public static final int MAX_FAILURES_IN_A_ROW = 1024;

    /** Who gets them. */
    public interface Target {
        /** Whether datagrams may be delivered now. */
        boolean isReceiving();

        /** Whether they wait until that is so; else they are dropped. */
        boolean isPaused();

        void received(ByteBuffer bytes, SocketAddress from);

        /**
         * One could not be received.
         *
         * @param from null if it is not known
         * @param endless whether this has happened so often in a row that it is no matter of one datagram
         */
        void failed(@Nullable SocketAddress from, Throwable why, boolean endless);
    }

    private final UdpSocket socket;
    private final DatagramBuffers buffers;
    private final Target target;
    private int failuresInARow;

    // Guarded by itself: written by the loop, which may read it without.
    private final DatagramQueue held;

    public DatagramReceiver(UdpSocket socket, DatagramBuffers buffers, MemoryAccount account, Target target) {
        this.socket = socket;
        this.buffers = buffers;
        this.target = target;
        this.held = new DatagramQueue(Integer.MAX_VALUE, Long.MAX_VALUE, account);
    }

    /** Whether some are held. Any thread. */
    public boolean holdsSome() {
        synchronized (held) {
            return !held.isEmpty();
        }
    }

    /** Delivers what is held, then what the system has, up to a number that leaves others their turn. */
    public void receive() {
        deliverHeld();
        for (int received = 0; received < RECEIVES_PER_EVENT && held.isEmpty() && target.isReceiving(); ) {
            Datagrams batch;
            int count;
            try {
                batch = buffers.receiving(socket);
                count = batch.receive(socket);
            } catch (ClosedChannelException e) {
                return; // by another thread; its end is reported
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                received++;
                failed(socket.remoteAddress(), e);
                continue;
            }
            failuresInARow = 0;
            for (int i = 0; i < count; i++) {
                deliver(batch, i);
            }
            if (count < batch.capacity()) {
                return;
            }
            received += count;
        }
    }

    private void deliver(Datagrams batch, int index) {
        SocketAddress from = null;
        try {
            from = batch.address(index);
            if (target.isPaused() || !held.isEmpty()) {
                synchronized (held) {
                    held.add(batch.buffer(index), from);
                }
            } else if (target.isReceiving()) {
                target.received(batch.buffer(index), from);
            }
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            failed(from, e);
        }
    }

    /** One could not be received. */
    public void failed(@Nullable SocketAddress from, Throwable e) {
        failuresInARow++;
        target.failed(from, e, failuresInARow >= MAX_FAILURES_IN_A_ROW);
    }

    /** Delivers those that are held. */
    public void deliverHeld() {
        for (SocketAddress from; target.isReceiving() && (from = held.firstAddress()) != null; ) {
            try {
                target.received(Objects.requireNonNull(held.firstBytes()), from);
            } finally {
                synchronized (held) {
                    held.remove();
                }
            }
        }
    }

    /** Drops those that are held. */
    public void release() {
        synchronized (held) {
            held.clear();
        }
    }
}
