package io.millio.transport;

import io.millio.internal.Arguments;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Room for datagrams that are received, or sent, together: by one call to the system where the transport can, else one
 * by one. From {@link UdpSocket#newDatagrams}; usable with any socket of that transport, so one a thread is enough. One
 * thread at a time.
 *
 * <pre>{@code
 * int count = datagrams.receive(socket);
 * for (int i = 0; i < count; i++) {
 *     handle(datagrams.buffer(i), datagrams.address(i)); // the buffer is flipped
 * }
 * }</pre>
 */
public interface Datagrams {
    /**
     * Returns room for datagrams, each of which takes a call to the system.
     *
     * @param datagrams how many, at least 1; each takes memory when it is first used
     * @param bytesEach how large each can be, at least 1
     */
    static Datagrams single(int datagrams, int bytesEach) {
        return new SingleDatagrams(
                Arguments.atLeast(1, datagrams, "datagrams"), Arguments.atLeast(1, bytesEach, "bytesEach"));
    }

    /** Returns the maximum number of datagrams. */
    int capacity();

    /**
     * Receives what is there, up to the capacity.
     *
     * @return how many; 0 when none is there now
     * @throws IOException if the first can't be received; which one is lost, if any, is the system's to say
     */
    int receive(UdpSocket socket) throws IOException;

    /**
     * The bytes of a datagram: of a received one, flipped, or of one to be sent, from position to limit. Valid until
     * the next {@link #receive}.
     */
    ByteBuffer buffer(int index);

    /** Returns the sender of a datagram of the last receive. */
    SocketAddress address(int index);

    /** Returns whether a datagram of the last receive was larger than its room, and was truncated. */
    boolean isCutOff(int index);

    /**
     * Sets where a datagram is sent.
     *
     * @param by the socket that will send it
     * @throws IOException if the socket can't send to such an address
     * @throws java.nio.channels.AlreadyConnectedException if the socket is connected to another one
     */
    void setAddress(int index, SocketAddress to, UdpSocket by) throws IOException;

    /**
     * Sends datagrams, in their order.
     *
     * @param first the index of the first one
     * @param count how many
     * @return how many were taken; fewer when the system has no room now, or can't send the next one: a call that
     *     begins with it returns 0 or throws
     * @throws IOException if the first one can't be sent
     */
    int send(UdpSocket socket, int first, int count) throws IOException;
}
