package io.millio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Addresses that are equal to the platform, and yet of different interfaces. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "a transport for Linux")
@EnabledForJreRange(minVersion = 22, disabledReason = "a transport for Java 22")
class UdpScopeTest {
    private static final int NO_INTERFACE = 999_999;

    private static byte[] bytes(int first, int second, int last) {
        byte[] bytes = new byte[16];
        bytes[0] = (byte) first;
        bytes[1] = (byte) second;
        bytes[15] = (byte) last;
        return bytes;
    }

    private static UdpSocket open() {
        try {
            return LoopbackPair.epoll()
                    .openUdp(new InetSocketAddress(InetAddress.getByAddress(bytes(0, 0, 0)), 0), SocketSettings.NONE);
        } catch (IOException e) {
            assumeTrue(false, "there is no IPv6: " + e);
            throw new AssertionError(e);
        }
    }

    /** A link-local address of this machine, so that no datagram leaves it. */
    private static Inet6Address ownLinkLocal() throws IOException {
        Optional<Inet6Address> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet6Address && address.isLinkLocalAddress())
                .map(Inet6Address.class::cast)
                .findFirst();
        assumeTrue(own.isPresent(), "this machine has no link-local address");
        return own.orElseThrow();
    }

    @Test
    void theNextDatagramGoesByTheInterfaceThatItsAddressNames() throws IOException {
        Inet6Address own = ownLinkLocal();
        InetSocketAddress known = new InetSocketAddress(own, 9);
        InetSocketAddress elsewhere =
                new InetSocketAddress(Inet6Address.getByAddress(null, own.getAddress(), NO_INTERFACE), 9);
        assertThat(known).isEqualTo(elsewhere);
        try (UdpSocket socket = open()) {
            assertThat(socket.send(ByteBuffer.allocate(1), known)).isTrue();
            assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(1), elsewhere))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aPeerOfAnotherInterfaceIsAnotherPeer() throws IOException {
        try (UdpSocket socket = open()) {
            byte[] bytes = bytes(0, 0, 1);
            socket.connect(new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 1), 9));
            assertThatThrownBy(() -> socket.send(
                            ByteBuffer.allocate(1),
                            new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 2), 9)))
                    .isInstanceOf(AlreadyConnectedException.class);
        }
    }
}
