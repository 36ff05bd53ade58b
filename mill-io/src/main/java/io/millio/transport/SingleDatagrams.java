package io.millio.transport;

import io.millio.internal.Exceptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams of which each takes a call to the system, for transports that have no call for several. The buffers are
 * made when they are first used: where one datagram comes at a time there is one.
 */
final class SingleDatagrams implements Datagrams {
    private final int bytesEach;
    private final @Nullable ByteBuffer[] buffers;
    private final @Nullable SocketAddress[] addresses;
    private int received;

    /** What has failed behind datagrams that were received; thrown by the next call. */
    private @Nullable Throwable failure;

    SingleDatagrams(int datagrams, int bytesEach) {
        this.bytesEach = bytesEach;
        this.buffers = new ByteBuffer[datagrams];
        this.addresses = new SocketAddress[datagrams];
    }

    @Override
    public int capacity() {
        return buffers.length;
    }

    @Override
    public int receive(UdpSocket socket) throws IOException {
        received = 0;
        Throwable before = failure;
        failure = null;
        if (before instanceof IOException io) {
            throw io;
        } else if (before != null) {
            Exceptions.rethrow(before);
        }
        while (received < buffers.length) {
            SocketAddress from;
            try {
                from = socket.receive(buffer(received).clear());
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                if (received == 0) {
                    throw e;
                }
                failure = e; // what was received before must not be lost with it
                from = null;
            }
            if (from == null) {
                break;
            }
            buffer(received).flip();
            addresses[received++] = from;
        }
        return received;
    }

    @Override
    public ByteBuffer buffer(int index) {
        ByteBuffer known = buffers[index];
        if (known == null) {
            known = ByteBuffer.allocateDirect(bytesEach);
            buffers[index] = known;
        }
        return known;
    }

    @Override
    public SocketAddress address(int index) {
        return Objects.requireNonNull(addresses[Objects.checkIndex(index, received)]);
    }

    @Override
    public boolean isCutOff(int index) {
        return false; // such are refused by the socket
    }

    @Override
    public void setAddress(int index, SocketAddress to, UdpSocket by) {
        addresses[index] = to;
    }

    @Override
    public int send(UdpSocket socket, int first, int count) throws IOException {
        for (int i = first; i < first + count; i++) {
            boolean taken;
            try {
                taken = socket.send(buffer(i), Objects.requireNonNull(addresses[i]));
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                if (i == first) {
                    throw e;
                }
                taken = false; // the next call reports it
            }
            if (!taken) {
                return i - first;
            }
        }
        return count;
    }
}
