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

    /** After a send that was refused: there is room again. */
    default void onWritable(UdpEndpoint endpoint) throws Exception {}

    /**
     * Called when the endpoint has ended, exactly once.
     *
     * @param failure why it could not go on; null if it was closed
     */
    default void onClose(UdpEndpoint endpoint, @Nullable Throwable failure) throws Exception {}
}
