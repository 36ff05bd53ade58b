package io.millio.net;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a program does with datagrams. Callbacks run in the turn of the endpoint's loop, one at a time: they must not
 * block.
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

    /** The endpoint has ended; called exactly once. The exception is that of the callback which threw, or null. */
    default void onClose(UdpEndpoint endpoint, @Nullable Throwable failure) throws Exception {}
}
