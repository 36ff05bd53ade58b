package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams: who sends to whom, groups of receivers, addresses and arguments. */
public abstract class DatagramPeerConformance extends DatagramSockets {
    private static final String GROUP = "239.255.42.99"; // of the range for private use

    private static final byte[] NEWER_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    /** For subclasses. */
    protected DatagramPeerConformance() {}

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T none() {
        return null;
    }

    // ---- connecting

    @Test
    void aConnectedSocketReceivesFromItsPeerOnly() throws IOException {
        UdpSocket socket = udp();
        UdpSocket peer = udp();
        UdpSocket stranger = udp();
        connect(socket, peer);
        assertThat(socket.remoteAddress()).isEqualTo(peer.localAddress());
        stranger.send(bytes("no"), socket.localAddress());
        peer.send(bytes("yes"), socket.localAddress());
        assertThat(awaitText(socket)).isEqualTo("yes");
        assertThat(receive(socket, 10)).isNull();
        assertThat(socket.send(bytes("back"))).isTrue();
        assertThat(awaitText(peer)).isEqualTo("back");
    }

    @ParameterizedTest
    @EnumSource
    void aSocketIsConnectedAndDisconnectedWhileItIsRegistered(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket first = udp();
        UdpSocket second = udp();
        SocketAddress local = socket.localAddress();
        Text text = new Text();
        Recorder recorder = new Recorder(event -> text.append(String.valueOf(receive(socket, 10))));
        loop.register(socket, Interest.READABLE, recorder);
        connect(socket, first);
        first.send(bytes("1"), local);
        drive(loop, "the first is heard", () -> text.toString().equals("1"));
        socket.disconnect();
        assertThat(socket.remoteAddress()).isNull();
        assertThat(socket.localAddress()).isEqualTo(local);
        second.send(bytes("2"), local);
        drive(loop, "the second is heard", () -> text.toString().equals("12"));
        first.send(bytes("1"), local);
        drive(loop, "the first is heard again", () -> text.toString().equals("121"));
        connect(socket, second);
        assertThat(socket.send(bytes("x"))).isTrue();
        assertThat(awaitText(second)).isEqualTo("x");
        assertThat(recorder.closes()).isZero();
    }

    @Test
    void aSocketWithoutAPeerNeedsAnAddressToSendTo() throws IOException {
        UdpSocket socket = udp();
        assertThat(socket.remoteAddress()).isNull();
        assertThatThrownBy(() -> socket.send(bytes("x"))).isInstanceOf(NotYetConnectedException.class);
        socket.disconnect(); // harmless
        assertThat(socket.isOpen()).isTrue();
    }

    // ---- addresses

    @Test
    void aPortThatIsInUseIsRefusedByName() throws IOException {
        UdpSocket first = udp();
        assertThatThrownBy(() -> transport().openUdp(first.localAddress(), SocketSettings.NONE))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(String.valueOf(portOf(first)));
    }

    @Test
    void datagramsGoOverTheNewerProtocolToo() throws IOException {
        UdpSocket socket = newer();
        UdpSocket peer = newer();
        peer.send(bytes("hello"), socket.localAddress());
        ByteBuffer room = ByteBuffer.allocate(10);
        awaitDatagram(socket, room);
        assertThat(text(room)).isEqualTo("hello");
        connect(socket, peer);
        assertThat(socket.send(bytes("back"))).isTrue();
        assertThat(awaitText(peer)).isEqualTo("back");
        assertThat(socket.toString()).contains("[").contains("]:" + portOf(socket));
    }

    private UdpSocket newer() throws IOException {
        try {
            return udp(new InetSocketAddress(InetAddress.getByAddress(NEWER_LOOPBACK), 0));
        } catch (IOException | UnsupportedOperationException e) {
            return abort("there is no loopback address of IPv6 here: " + e);
        }
    }

    // ---- options

    @Test
    void optionsAreSetBeforeItIsBoundAndAfterwards() throws IOException {
        SocketOption<Boolean> broadcast = StandardSocketOptions.SO_BROADCAST;
        UdpSocket socket = track(transport().openUdp(ANY_PORT, SocketSettings.NONE.with(broadcast, true)));
        assertThat(socket.getOption(broadcast)).isTrue();
        assertThat(socket.setOption(broadcast, false)).isSameAs(socket);
        assertThat(socket.getOption(broadcast)).isFalse();
        assertThat(socket.supportedOptions()).contains(broadcast, StandardSocketOptions.SO_RCVBUF);
    }

    // ---- groups

    /** The interface for groups: nothing leaves the machine by it. */
    private static NetworkInterface multicastInterface() throws IOException {
        @Nullable
        NetworkInterface found = NetworkInterface.networkInterfaces()
                .filter(DatagramPeerConformance::hasGroups)
                .min((a, b) -> Boolean.compare(isLoopback(b), isLoopback(a)))
                .orElse(null);
        return found == null ? abort("no network interface has multicast over IPv4") : found;
    }

    private static boolean hasGroups(NetworkInterface each) {
        try {
            return each.isUp()
                    && each.supportsMulticast()
                    && each.inetAddresses().anyMatch(Inet4Address.class::isInstance);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isLoopback(NetworkInterface each) {
        try {
            return each.isLoopback();
        } catch (IOException e) {
            return false;
        }
    }

    private UdpSocket receiver() throws IOException {
        return udp(new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0));
    }

    /** Returns whether a datagram sent to the group arrives before a second one, sent to the receiver directly. */
    private static boolean hears(UdpSocket receiver, UdpSocket sender, InetAddress group) throws IOException {
        InetSocketAddress direct =
                new InetSocketAddress(((InetSocketAddress) sender.localAddress()).getAddress(), portOf(receiver));
        try {
            assertThat(sender.send(bytes("group"), new InetSocketAddress(group, portOf(receiver))))
                    .isTrue();
        } catch (IOException e) {
            abort("no datagram can be sent to a group here: " + e);
        }
        assertThat(sender.send(bytes("direct"), direct)).isTrue();
        boolean heard = false;
        while (true) {
            String next = awaitText(receiver);
            if (next.equals("direct")) {
                return heard;
            }
            heard |= next.equals("group");
        }
    }

    @Test
    void aGroupIsHeardFromJoiningToLeaving() throws IOException {
        NetworkInterface on = multicastInterface();
        InetAddress group = InetAddress.getByName(GROUP);
        UdpSocket receiver = receiver();
        InetAddress own = on.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow();
        UdpSocket sender = udp(new InetSocketAddress(own, 0));
        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, on);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0); // it stays on this machine
        assertThat(hears(receiver, sender, group)).as("before").isFalse();
        receiver.join(group, on);
        assumeTrue(hears(receiver, sender, group), "nothing that is sent to a group comes back on " + on);
        receiver.leave(group, on);
        assertThat(hears(receiver, sender, group)).as("after").isFalse();
        receiver.join(group, on);
        assertThat(hears(receiver, sender, group)).as("again").isTrue();
    }

    @Test
    void aGroupIsJoinedOnceAndLeftOnce() throws IOException {
        NetworkInterface on = multicastInterface();
        InetAddress group = InetAddress.getByName(GROUP);
        UdpSocket socket = receiver();
        assertThatThrownBy(() -> socket.leave(group, on))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(GROUP);
        socket.join(group, on);
        assertThatThrownBy(() -> socket.join(group, on))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(GROUP);
        socket.leave(group, on);
        assertThatThrownBy(() -> socket.leave(group, on)).isInstanceOf(IllegalStateException.class);
        socket.join(group, on);
        socket.close();
    }

    @Test
    void anAddressThatIsNoGroupIsRefused() throws IOException {
        NetworkInterface on = NetworkInterface.networkInterfaces().findFirst().orElseThrow();
        UdpSocket socket = receiver();
        InetAddress single = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        for (ThrowingCallable call :
                new ThrowingCallable[] {() -> socket.join(single, on), () -> socket.leave(single, on)}) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("group")
                    .hasMessageContaining("127.0.0.1");
        }
        refusesNull("group", () -> socket.join(none(), on));
        refusesNull("on", () -> socket.join(InetAddress.getByName(GROUP), none()));
        refusesNull("group", () -> socket.leave(none(), on));
        refusesNull("on", () -> socket.leave(InetAddress.getByName(GROUP), none()));
    }

    // ---- arguments

    private static void refusesNull(String name, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessageContaining(name);
    }

    @Test
    void nullsAreRefusedByName() throws IOException {
        UdpSocket socket = udp();
        UdpSocket peer = udp();
        refusesNull("local", () -> transport().openUdp(none(), SocketSettings.NONE));
        refusesNull("settings", () -> transport().openUdp(ANY_PORT, none()));
        refusesNull("remote", () -> socket.connect(none()));
        refusesNull("to", () -> socket.receive(none()));
        refusesNull("from", () -> socket.send(none(), peer.localAddress()));
        refusesNull("to", () -> socket.send(bytes("x"), none()));
        connect(socket, peer);
        refusesNull("from", () -> socket.send(none()));
    }

    @Test
    void anAddressThatIsNotResolvedIsAnUnknownHost() throws IOException {
        UdpSocket socket = udp();
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("somewhere", 9);
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> transport().openUdp(unresolved, SocketSettings.NONE),
            () -> socket.connect(unresolved),
            () -> socket.send(bytes("x"), unresolved)
        }) {
            assertThatThrownBy(call).isInstanceOf(UnknownHostException.class).hasMessageContaining("somewhere");
        }
    }

    @Test
    void anAddressOfAnotherKindIsRefused() throws IOException {
        UdpSocket socket = udp();
        SocketAddress unix = UnixDomainSocketAddress.of("somewhere");
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> transport().openUdp(unix, SocketSettings.NONE),
            () -> socket.connect(unix),
            () -> socket.send(bytes("x"), unix)
        }) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("somewhere");
        }
    }

    @Test
    void aReadOnlyBufferIsRefusedAndLosesNoDatagram() throws IOException {
        UdpSocket socket = udp();
        udp().send(bytes("kept"), socket.localAddress());
        ByteBuffer readOnly = ByteBuffer.allocate(10).asReadOnlyBuffer();
        assertThatThrownBy(() -> socket.receive(readOnly))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read-only");
        assertThat(awaitText(socket)).isEqualTo("kept");
        UdpSocket peer = udp();
        assertThat(socket.send(bytes("sent").asReadOnlyBuffer(), peer.localAddress()))
                .isTrue();
        assertThat(awaitText(peer)).isEqualTo("sent");
    }
}
