package io.millio.net.wire;

import io.millio.transport.Datagrams;
import io.millio.transport.UdpSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the datagram sockets of one loop receive, and gather what a callback sends: so that one call to the system is
 * for several datagrams, and none of them takes memory. Loop only.
 */
public final class DatagramBuffers {
    private static final int DATAGRAMS = 16;

    /** No datagram is larger: the length field of IP has 16 bits. */
    private static final int BYTES_EACH = 65_535;

    private @Nullable Datagrams receiving;
    private @Nullable Datagrams sending;

    // What is gathered in sending, of one owner at a time.
    private final @Nullable SocketAddress[] targets = new SocketAddress[DATAGRAMS];
    private final int[] sizes = new int[DATAGRAMS];
    private int gathered;
    private long bytes;

    /** Whose datagrams are gathered; null: there are none. */
    @Nullable
    DatagramSender owner;

    public Datagrams receiving(UdpSocket socket) {
        Datagrams known = receiving;
        if (known == null) {
            known = socket.newDatagrams(DATAGRAMS, BYTES_EACH);
            receiving = known;
        }
        return known;
    }

    Datagrams sending(UdpSocket socket) {
        Datagrams known = sending;
        if (known == null) {
            known = socket.newDatagrams(DATAGRAMS, BYTES_EACH);
            sending = known;
        }
        return known;
    }

    /** Notes that the next place of those that are sent has a datagram of an owner. */
    void add(DatagramSender by, SocketAddress to, int size) {
        targets[gathered] = to;
        sizes[gathered] = size;
        bytes += size;
        gathered++;
        owner = by;
    }

    int gathered() {
        return gathered;
    }

    SocketAddress target(int index) {
        return Objects.requireNonNull(targets[index]);
    }

    /** How many bytes are gathered. */
    long bytes() {
        return bytes;
    }

    /** The bytes of a datagram that was not sent. */
    ByteBuffer bytes(int index, Datagrams in) {
        return in.buffer(index).clear().limit(sizes[index]);
    }

    /** Nothing is gathered any more. */
    void clear() {
        for (int i = 0; i < gathered; i++) {
            targets[i] = null;
        }
        gathered = 0;
        bytes = 0;
        owner = null;
    }
}
