package io.millio.testkit.conformance;

import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the tests of datagrams share: sockets on the loopback address, and texts as datagrams. */
abstract class DatagramSockets extends Conformance {
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final UdpSocket udp() throws IOException {
        return udp(ANY_PORT);
    }

    final UdpSocket udp(InetSocketAddress at) throws IOException {
        return track(transport().openUdp(at, SocketSettings.NONE));
    }

    /** A socket that keeps its port and is there for one peer, which never sends: for all others it is unreachable. */
    final UdpSocket deaf() throws IOException {
        UdpSocket deaf = udp();
        connect(deaf, udp());
        return deaf;
    }

    static void connect(UdpSocket one, UdpSocket toOther) throws IOException {
        one.connect(toOther.localAddress());
    }

    static int portOf(UdpSocket socket) {
        return ((InetSocketAddress) socket.localAddress()).getPort();
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What stands before the position of a buffer. */
    static String text(ByteBuffer received) {
        return StandardCharsets.ISO_8859_1.decode(received.duplicate().flip()).toString();
    }

    /** All that a buffer holds, whatever its position and limit. */
    static String whole(ByteBuffer buffer) {
        return StandardCharsets.ISO_8859_1.decode(buffer.duplicate().clear()).toString();
    }

    /** Receives what is there now, or null. */
    static @Nullable String receive(UdpSocket socket, int atMost) throws IOException {
        ByteBuffer room = ByteBuffer.allocate(atMost);
        return socket.receive(room) == null ? null : text(room);
    }

    static void awaitDatagram(UdpSocket socket, ByteBuffer room) {
        Await.until("a datagram comes", () -> {
            try {
                return socket.receive(room) != null;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    static String awaitText(UdpSocket socket) {
        ByteBuffer room = ByteBuffer.allocate(100);
        awaitDatagram(socket, room);
        return text(room);
    }
}
