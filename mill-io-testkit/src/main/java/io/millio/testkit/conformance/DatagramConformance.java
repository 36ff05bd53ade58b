package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millio.EventLoop;
import io.millio.transport.DatagramTooLargeException;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams: how they come, how they go, and what can't be delivered. */
public abstract class DatagramConformance extends DatagramSockets {
    /** As many as fit into the buffers that systems give a socket by default. */
    private static final int MANY = 60;

    /** For subclasses. */
    protected DatagramConformance() {}

    // ---- coming

    @ParameterizedTest
    @EnumSource
    void aDatagramArrivesWholeAndWithItsSender(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket sender = udp();
        Text text = new Text();
        AtomicReference<@Nullable SocketAddress> from = new AtomicReference<>();
        Recorder recorder = new Recorder(event -> {
            ByteBuffer room = ByteBuffer.allocate(100);
            from.set(socket.receive(room));
            text.append(text(room));
        });
        loop.register(socket, Interest.READABLE, recorder);
        assertThat(sender.send(bytes("hello"), socket.localAddress())).isTrue();
        drive(loop, "it has come", () -> text.toString().equals("hello"));
        assertThat(from.get()).isEqualTo(sender.localAddress());
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyDatagramArrivesAsSuch(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket sender = udp();
        AtomicReference<@Nullable SocketAddress> from = new AtomicReference<>();
        AtomicReference<@Nullable ByteBuffer> got = new AtomicReference<>();
        loop.register(socket, Interest.READABLE, new Recorder(event -> {
            ByteBuffer room = ByteBuffer.allocate(10);
            SocketAddress came = socket.receive(room);
            if (came != null) { // a worker may be sent again for what it has just taken
                from.set(came);
                got.set(room);
            }
        }));
        assertThat(sender.send(ByteBuffer.allocate(0), socket.localAddress())).isTrue();
        drive(loop, "it has come", () -> got.get() != null);
        assertThat(from.get()).isEqualTo(sender.localAddress());
        assertThat(got.get()).isEqualTo(ByteBuffer.allocate(10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEmptyDatagramToAConnectedPeerIsSentOrRefusedButNotDroppedInSilence(boolean byAddress) throws IOException {
        UdpSocket receiver = udp();
        UdpSocket sender = udp();
        connect(sender, receiver);
        ByteBuffer empty = ByteBuffer.allocate(0);
        ByteBuffer room = ByteBuffer.allocate(10);
        try {
            assertThat(byAddress ? sender.send(empty, receiver.localAddress()) : sender.send(empty))
                    .isTrue();
        } catch (UnsupportedOperationException e) {
            assertThat(e).hasMessageContaining("empty");
            sender.send(bytes("x"));
            awaitDatagram(receiver, room);
            assertThat(text(room)).isEqualTo("x");
            return;
        }
        awaitDatagram(receiver, room);
        assertThat(room.position()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void whatAHandlerLeavesIsDeliveredAgainInTheOrderInWhichItWasSent(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket sender = udp();
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        Recorder recorder = new Recorder(event -> got.add(receive(socket, 10)));
        loop.register(socket, Interest.READABLE, recorder);
        List<String> sent = sendMany(sender, socket);
        drive(loop, "all have come", () -> got.size() == MANY);
        assertThat(got).isEqualTo(sent);
        assertThat(recorder.events()).isEqualTo(MANY);
        assertThat(recorder.violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void manyDatagramsAreReceivedInOneRun(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        List<String> sent = sendMany(udp(), socket);
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        Recorder recorder = new Recorder(event -> {
            for (String next; (next = receive(socket, 10)) != null; ) {
                got.add(next);
            }
        });
        loop.register(socket, Interest.READABLE, recorder);
        drive(loop, "all have come", () -> got.size() == MANY && !recorder.isInside());
        turns(loop, MANY_TURNS);
        assertThat(got).isEqualTo(sent);
        assertThat(recorder.events()).isEqualTo(1);
    }

    private static List<String> sendMany(UdpSocket from, UdpSocket to) throws IOException {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            sent.add("no. " + i);
            assertThat(from.send(bytes("no. " + i), to.localAddress())).isTrue();
        }
        return sent;
    }

    @Test
    void nothingIsReceivedWhenNothingIsThere() throws IOException {
        ByteBuffer room = ByteBuffer.allocate(10);
        assertThat(udp().receive(room)).isNull();
        assertThat(room.position()).isZero();
    }

    @Test
    void aDatagramIsPutAtThePositionOfTheBufferAndNowhereElse() throws IOException {
        UdpSocket socket = udp();
        udp().send(bytes("abc"), socket.localAddress());
        ByteBuffer room = bytes("..........").position(2).limit(5);
        awaitDatagram(socket, room);
        assertThat(room.position()).isEqualTo(5);
        assertThat(room.limit()).isEqualTo(5);
        assertThat(whole(room)).isEqualTo("..abc.....");
    }

    @Test
    void aLargeDatagramIsReceivedIntoALargeBuffer() throws IOException {
        UdpSocket socket = udp();
        byte[] large = "x".repeat(8000).getBytes(StandardCharsets.ISO_8859_1);
        for (ByteBuffer room : List.of(
                ByteBuffer.allocate(70_000), ByteBuffer.allocateDirect(70_000), ByteBuffer.allocateDirect(8000))) {
            udp().send(ByteBuffer.wrap(large), socket.localAddress());
            awaitDatagram(socket, room);
            assertThat(room.flip()).isEqualTo(ByteBuffer.wrap(large));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDatagramLargerThanTheBufferIsReportedAndLostAlone(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket sender = udp();
        Text text = new Text();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        ByteBuffer room = bytes("......").position(1).limit(4);
        Recorder recorder = new Recorder(event -> {
            try {
                if (socket.receive(room) != null) {
                    text.append(text(room));
                }
            } catch (DatagramTooLargeException e) {
                thrown.set(e);
            }
        });
        loop.register(socket, Interest.READABLE, recorder);
        sender.send(bytes("four"), socket.localAddress());
        drive(loop, "the failure is reported", () -> thrown.get() != null && !recorder.isInside());
        assertThat(thrown.get())
                .isInstanceOfSatisfying(DatagramTooLargeException.class, tooLarge -> {
                    assertThat(tooLarge.sender()).isEqualTo(sender.localAddress());
                    assertThat(tooLarge.roomBytes()).isEqualTo(3);
                })
                .hasMessageContaining("4 bytes")
                .hasMessageContaining(sender.localAddress().toString());
        assertThat(room.position()).isEqualTo(1);
        assertThat(room.limit()).isEqualTo(4);
        assertThat(whole(room)).isEqualTo("......");
        sender.send(bytes("fit"), socket.localAddress());
        drive(loop, "the next one is received", () -> text.toString().equals(".fit"));
        assertThat(recorder.closes()).isZero();
    }

    // ---- going

    @ParameterizedTest
    @EnumSource
    void aSocketIsWritableAndItsHandlerSends(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket receiver = udp();
        Recorder recorder = new Recorder(event -> {
            assertThat(event.isWritable()).isTrue();
            assertThat(event.isReadable()).isFalse();
            assertThat(socket.send(bytes("hello"), receiver.localAddress())).isTrue();
            event.registration().setInterest(Interest.READABLE);
        });
        loop.register(socket, Interest.WRITABLE, recorder);
        drive(loop, "an event is delivered", () -> recorder.events() > 0 && !recorder.isInside());
        assertThat(awaitText(receiver)).isEqualTo("hello");
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(errors).isEmpty();
    }

    @Test
    void whatIsSentIsTakenOutOfTheBuffer() throws IOException {
        UdpSocket receiver = udp();
        ByteBuffer from = bytes("[hello]").position(1).limit(6);
        assertThat(udp().send(from, receiver.localAddress())).isTrue();
        assertThat(from.position()).isEqualTo(6);
        assertThat(awaitText(receiver)).isEqualTo("hello");
    }

    @Test
    void aDatagramThatNoNetworkTakesFailsAndHarmsNothing() throws IOException {
        UdpSocket socket = udp();
        UdpSocket receiver = udp();
        ByteBuffer huge = ByteBuffer.allocate(70_000);
        String port = String.valueOf(portOf(receiver));
        assertThatThrownBy(() -> socket.send(huge, receiver.localAddress()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(port);
        assertThat(huge.position()).isZero();
        connect(socket, receiver);
        assertThatThrownBy(() -> socket.send(huge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(port);
        assertThat(huge.position()).isZero();
        assertThat(socket.send(bytes("small"))).isTrue();
        assertThat(awaitText(receiver)).isEqualTo("small");
    }

    // ---- no receiver

    @ParameterizedTest
    @EnumSource
    void anUnreachablePortIsReportedToAConnectedSocketWhichStaysUsable(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket deaf = deaf();
        UdpSocket peer = udp();
        Text text = new Text();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Recorder recorder = new Recorder(event -> {
            try {
                text.append(String.valueOf(receive(socket, 10)));
            } catch (IOException e) {
                thrown.set(e);
            }
        });
        loop.register(socket, Interest.READABLE, recorder);
        connect(socket, deaf);
        assertThat(socket.send(bytes("x"))).isTrue();
        drive(loop, "the failure is reported", () -> thrown.get() != null && !recorder.isInside());
        assertThat(thrown.get())
                .isInstanceOf(PortUnreachableException.class)
                .hasMessageContaining(String.valueOf(portOf(deaf)));
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
        socket.disconnect();
        assertThat(socket.send(bytes("to"), peer.localAddress())).isTrue();
        assertThat(awaitText(peer)).isEqualTo("to");
        assertThat(peer.send(bytes("fro"), socket.localAddress())).isTrue();
        drive(loop, "the answer comes", () -> text.toString().equals("fro"));
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void aSendMayTellOfAnUnreachablePortToo() throws IOException {
        UdpSocket socket = udp();
        UdpSocket deaf = deaf();
        connect(socket, deaf);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Await.until("a send fails", () -> {
            thrown.compareAndSet(null, catchThrowable(() -> socket.send(bytes("x"))));
            return thrown.get() != null;
        });
        assertThat(thrown.get()).isInstanceOf(PortUnreachableException.class);
        assertThat(socket.isOpen()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void anUnreachablePortIsNoErrorOfASocketThatIsNotConnected(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket socket = udp();
        UdpSocket peer = udp();
        UdpSocket deaf = deaf();
        Text text = new Text();
        Recorder recorder = new Recorder(event -> text.append(String.valueOf(receive(socket, 10))));
        loop.register(socket, Interest.READABLE, recorder);
        for (int i = 0; i < 3; i++) {
            assertThat(socket.send(bytes("x"), deaf.localAddress())).isTrue();
            turns(loop, MANY_TURNS);
        }
        assertThat(recorder.events()).isZero();
        peer.send(bytes("hello"), socket.localAddress());
        drive(loop, "it is served", () -> text.toString().equals("hello"));
        assertThat(recorder.closes()).isZero();
    }

    // ---- ending

    @ParameterizedTest
    @EnumSource
    void onCloseIsCalledForASocketThatIsClosed(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        UdpSocket byHandler = udp();
        UdpSocket elsewhere = udp();
        Recorder closing = new Recorder(event -> byHandler.close());
        Recorder bystander = new Recorder();
        loop.register(byHandler, Interest.WRITABLE, closing);
        loop.register(elsewhere, Interest.READABLE, bystander);
        elsewhere.close();
        drive(loop, "onClose is called for both", () -> closing.closes() == 1 && bystander.closes() == 1);
        assertThat(closing.events()).isEqualTo(1);
        assertThat(bystander.events()).isZero();
        assertThat(closing.cause()).isNull();
        assertThat(loop.registrations()).isZero();
    }

    @Test
    void aSocketThatIsClosedTakesNoCallsAndStillKnowsItsAddress() throws IOException {
        UdpSocket socket = udp();
        UdpSocket other = udp();
        SocketAddress local = socket.localAddress();
        socket.close();
        socket.close();
        assertThat(socket.isOpen()).isFalse();
        assertThatThrownBy(() -> socket.receive(ByteBuffer.allocate(10))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> socket.send(bytes("x"), other.localAddress()))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> socket.connect(other.localAddress())).isInstanceOf(ClosedChannelException.class);
        assertThat(socket.localAddress()).isEqualTo(local);
        assertThat(socket.remoteAddress()).isNull();
        assertThat(socket.toString()).contains("closed");
    }

    // Behaviours 24, 36
    @Test
    void thePortOfAClosedSocketIsFreeAtOnce() throws IOException {
        EventLoop asleep = asleep(DispatchMode.DIRECT);
        EventLoop loop = open();
        for (int i = 0; i < 50; i++) {
            UdpSocket socket = udp();
            asleep.register(socket, Interest.READABLE, new Recorder()).close();
            transport().openUdp(socket.localAddress(), SocketSettings.NONE).close();
            UdpSocket polled = udp();
            Recorder recorder = new Recorder();
            loop.register(polled, Interest.READABLE, recorder);
            loop.runOnce();
            polled.close();
            transport().openUdp(polled.localAddress(), SocketSettings.NONE).close();
            loop.runOnce();
            assertThat(recorder.closes()).isEqualTo(1);
        }
    }
}
