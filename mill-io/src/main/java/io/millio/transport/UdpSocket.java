package io.millio.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket, non-blocking. At most one thread receives and one sends at a time; {@link #close} is for any
 * thread.
 *
 * <p>A handler whose socket is readable receives until nothing is left, or up to a number of its choice: the rest is
 * reported again.
 */
public interface UdpSocket extends SocketSource<UdpSocket> {
    /**
     * Fixes the peer: only its datagrams are received, {@link #send(ByteBuffer)} goes to it, and a port of its that
     * without a socket is reported as a {@link java.net.PortUnreachableException} by a later call, which does not harm
     * the socket.
     */
    void connect(SocketAddress remote) throws IOException;

    /** Undoes {@link #connect}. */
    void disconnect() throws IOException;

    /**
     * Receives one datagram; an empty one counts.
     *
     * @param to takes its bytes
     * @return the sender; null when none is there now
     * @throws DatagramTooLargeException if it does not fit; it is lost, the buffer is as it was, and the socket is
     *     unharmed
     */
    @Nullable
    SocketAddress receive(ByteBuffer to) throws IOException;

    /**
     * Sends what is in the buffer as one datagram.
     *
     * @return whether it was taken: false when the system has no room now, and then the buffer is as it was
     * @throws UnsupportedOperationException if the datagram is empty, this is connected, and the transport can't send
     *     such then, as {@code nio} can't
     */
    boolean send(ByteBuffer from, SocketAddress to) throws IOException;

    /**
     * As {@link #send(ByteBuffer, SocketAddress)}, to the connected peer.
     *
     * @throws java.nio.channels.NotYetConnectedException if there is none
     */
    boolean send(ByteBuffer from) throws IOException;

    /**
     * Returns room for datagrams that are received, or sent, together, by sockets of this one's transport. Where that
     * has no call for several there is room for one. Any thread.
     *
     * @param datagrams how many at most, 1 to 1,024
     * @param bytesEach how large each can be, 1 to 65,535; a larger one is lost or cut off
     */
    default Datagrams newDatagrams(int datagrams, int bytesEach) {
        return Datagrams.single(1, bytesEach);
    }

    /**
     * Joins a multicast group on an interface.
     *
     * @throws IllegalArgumentException if the address is not a multicast address
     * @throws IllegalStateException if it is joined there already
     */
    void join(InetAddress group, NetworkInterface on) throws IOException;

    /**
     * Leaves a multicast group on an interface.
     *
     * @throws IllegalStateException if it is not joined there
     */
    void leave(InetAddress group, NetworkInterface on) throws IOException;

    /** The connected peer; null when there is none. */
    @Nullable
    SocketAddress remoteAddress();
}
