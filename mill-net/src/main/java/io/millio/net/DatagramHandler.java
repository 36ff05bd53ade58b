package io.millio.net;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a program does with datagrams. Callbacks run in the turn of the endpoint's loop, one at a time: they must not
 * block. One that throws is reported to the loop's error handler, and the endpoint goes on.
 */
@FunctionalInterface
public interface DatagramHandler {
    /**
     * A datagram has come.
     *
     * @param bytes the loop's: valid until this returns
     */
    void onDatagram(UdpEndpoint endpoint, ByteBuffer bytes, SocketAddress from) throws Exception;

    /**
     * Called when a datagram could not be sent or received: as ICMP reports (a
     * {@link java.net.PortUnreachableException}), as it is too large, or as the system does not permit it. The endpoint
     * goes on, and has counted it in {@link UdpEndpoint#lost}. Failures of sending are reported when the callbacks of
     * the event have returned, at most 64 of them an event.
     *
     * @param peer where it was sent, or the connected peer; null if that is not known
     */
    default void onError(UdpEndpoint endpoint, @Nullable SocketAddress peer, Throwable failure) throws Exception {}

    /** After a send that was refused as {@link UdpEndpoint.SendResult#FULL}: half of the queue is free again. */
    default void onWritable(UdpEndpoint endpoint) throws Exception {}

    /**
     * Called when the endpoint has ended, exactly once.
     *
     * @param failure why it could not go on; null if it was closed
     */
    default void onClose(UdpEndpoint endpoint, @Nullable Throwable failure) throws Exception {}
}
