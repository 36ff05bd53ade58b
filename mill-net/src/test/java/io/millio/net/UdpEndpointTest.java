package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.UdpEndpoint.SendResult;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.DatagramReceiver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Datagrams. */
class UdpEndpointTest extends NetCase {
    private static final class Box implements DatagramHandler {
        final List<String> got = new ArrayList<>();
        final List<String> closed = new ArrayList<>();
        final List<Throwable> errors = new ArrayList<>();
        final List<@Nullable SocketAddress> peers = new ArrayList<>();
        final List<SocketAddress> senders = new ArrayList<>();
        int writable;

        @Override
        public void onDatagram(UdpEndpoint endpoint, ByteBuffer bytes, SocketAddress from) {
            got.add(StandardCharsets.ISO_8859_1.decode(bytes).toString());
            senders.add(from);
        }

        @Override
        public void onError(UdpEndpoint endpoint, @Nullable SocketAddress peer, Throwable failure) {
            errors.add(failure);
            peers.add(peer);
        }

        @Override
        public void onWritable(UdpEndpoint endpoint) {
            writable++;
        }

        @Override
        public void onClose(UdpEndpoint endpoint, @Nullable Throwable failure) {
            closed.add(failure == null ? "closed" : failure.getMessage());
        }
    }

    private final Box box = new Box();

    @Test
    void datagramsFromTheLoopAndFromOtherThreadsArriveInOrder() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        Box none = new Box();
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), none);

        for (int i = 0; i < 50; i++) {
            assertThat(from.send(bytes("d" + i), to.localAddress())).isEqualTo(SendResult.TAKEN);
        }
        venue.until("all have come", () -> box.got.size() == 50);
        inClientLoop(() -> from.send(bytes("from the loop"), to.localAddress()));
        venue.until("the last has come", () -> box.got.size() == 51);

        assertThat(box.got).startsWith("d0", "d1", "d2").endsWith("d49", "from the loop");
        assertThat(from.queuedBytes()).isZero();
        from.close();
        to.close();
        venue.settle();
        assertThat(box.closed).containsExactly("closed");
        assertThat(from.send(bytes("late"), to.localAddress())).isEqualTo(SendResult.CLOSED);
    }

    @Test
    void echoesComeBack() throws Exception {
        UdpEndpoint echo = UdpEndpoint.open(
                venue.serverLoop(), venue.anyAddress(), (endpoint, bytes, from) -> endpoint.send(bytes, from));
        UdpEndpoint asks = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), box);

        asks.send(bytes("hello"), echo.localAddress());
        asks.send(ByteBuffer.allocate(0), echo.localAddress());
        venue.until("both are back", () -> box.got.size() == 2);

        assertThat(box.got).containsExactly("hello", "");
    }

    @Test
    void aDatagramThatMakesTheHandlerThrowIsReportedAndTheEndpointGoesOn() throws Exception {
        expectErrors();
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), (endpoint, bytes, from) -> {
            if (bytes.get(0) == 'x') {
                throw new IllegalStateException("planted");
            }
            box.onDatagram(endpoint, bytes, from);
        });
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());

        from.send(bytes("x"), to.localAddress());
        from.send(bytes("after it"), to.localAddress());
        venue.until("the next has come", () -> box.got.size() == 1);
        venue.until("reported", () -> !venue.errors.isEmpty());

        assertThat(box.got).containsExactly("after it");
        assertThat(to.failed()).isEqualTo(1);
        assertThat(venue.errors).singleElement().satisfies(error -> {
            assertThat(error.cause()).hasMessage("planted");
            assertThat(error.subject().toString()).containsOnlyOnce("endpoint on ");
        });
    }

    @Test
    void oneThatCannotBeReceivedHarmsNoOtherAndManyInARowEndTheEndpoint() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        IOException unreachable = new IOException("No route to host");
        venue.serverLoop().execute(() -> {
            for (int i = 1; i < DatagramReceiver.MAX_FAILURES_IN_A_ROW; i++) {
                to.receiver.failed(null, unreachable);
            }
        });
        venue.until("all have failed", () -> to.lost() == DatagramReceiver.MAX_FAILURES_IN_A_ROW - 1);
        from.send(bytes("after them"), to.localAddress());
        venue.until("the next has come", () -> box.got.size() == 1);
        assertThat(box.closed).isEmpty();

        venue.serverLoop().execute(() -> {
            for (int i = 0; i < DatagramReceiver.MAX_FAILURES_IN_A_ROW; i++) {
                to.receiver.failed(null, unreachable);
            }
        });
        venue.until("closed", () -> !box.closed.isEmpty());

        assertThat(box.closed).containsExactly("No route to host");
    }

    @Test
    void whatAConnectedSocketCannotSendIsCountedAndHarmsNothing() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        from.socket().connect(to.localAddress());
        inClientLoop(() -> {
            from.send(ByteBuffer.allocate(0), to.localAddress()); // which java.nio can't
            from.send(bytes("after it"), to.localAddress());
        });
        venue.until("the next has come", () -> box.got.contains("after it"));

        assertThat(from.lost() + box.got.size()).isEqualTo(2);
    }

    @Test
    void tooMuchIsRefused() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        ByteBuffer large = ByteBuffer.allocate(60_000);
        int sent = 0;
        while (to.send(large.clear(), to.localAddress()) == SendResult.TAKEN) {
            sent += 60_000;
        }

        assertThat(sent).isBetween(UdpOptions.DEFAULT.maxQueuedBytes() - 60_000, UdpOptions.DEFAULT.maxQueuedBytes());
        assertThat(large.position()).isZero();
        venue.until("all have left", () -> to.queuedBytes() == 0);
        assertThat(to.send(large.clear(), to.localAddress())).isEqualTo(SendResult.TAKEN);
        assertThatThrownBy(() -> to.send(large, InetSocketAddress.createUnresolved("nowhere", 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private UdpEndpoint limited(DatagramHandler handler, int datagrams, int bytes) throws IOException {
        return UdpEndpoint.open(
                venue.clientLoop(), venue.anyAddress(), UdpOptions.DEFAULT.withMaxQueued(datagrams, bytes), handler);
    }

    @Test
    void aQueueIsFullByItsDatagramsOrItsBytesAndHasRoomAgainWhenHalfHasGone() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        for (boolean byBytes : new boolean[] {false, true}) {
            Box sender = new Box();
            UdpEndpoint from = byBytes ? limited(sender, 100, 8) : limited(sender, 4, 1000);
            for (int i = 0; i < 4; i++) {
                assertThat(from.send(bytes("d" + i), to.localAddress())).isEqualTo(SendResult.TAKEN);
            }
            ByteBuffer fifth = bytes("d4");
            assertThat(from.send(fifth, to.localAddress())).isEqualTo(SendResult.FULL);
            assertThat(fifth.remaining()).isEqualTo(2);
            assertThat(from.queuedDatagrams()).isEqualTo(4);
            assertThat(from.queuedBytes()).isEqualTo(8);
            assertThat(sender.writable).isZero();
            venue.until("there is room", () -> sender.writable == 1);
            assertThat(from.send(fifth, to.localAddress())).isEqualTo(SendResult.TAKEN);
            venue.until("all have come", () -> box.got.size() == 5);
            assertThat(box.got).containsExactly("d0", "d1", "d2", "d3", "d4");
            assertThat(from.queuedDatagrams()).isZero();
            assertThat(sender.writable).isEqualTo(1);
            box.got.clear();
        }
    }

    @Test
    void aCallbackMaySendMoreThanTheQueueHoldsWhileTheSystemTakesIt() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        List<SendResult> results = new ArrayList<>();
        UdpEndpoint from = limited(
                (endpoint, bytes, sender) -> {
                    for (int i = 0; i < 50; i++) {
                        results.add(endpoint.send(bytes("d" + i), to.localAddress()));
                    }
                },
                4,
                1000);
        to.send(bytes("go"), from.localAddress());
        venue.until("all have come", () -> box.got.size() == 50);
        assertThat(results).hasSize(50).containsOnly(SendResult.TAKEN);
        assertThat(box.got).startsWith("d0", "d1").endsWith("d48", "d49");
        assertThat(from.queuedDatagrams()).isZero();
    }

    @Test
    void noneIsDeliveredWhileReceivingIsPaused() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), (endpoint, bytes, from) -> {
            box.onDatagram(endpoint, bytes, from);
            if (box.got.size() == 2) {
                endpoint.pauseReceiving();
            }
        });
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        inClientLoop(() -> {
            for (int i = 0; i < 5; i++) {
                from.send(bytes("d" + i), to.localAddress());
            }
        });
        venue.until("paused", to::isReceivingPaused);
        venue.settle();
        from.send(bytes("d5"), to.localAddress());
        venue.settle();
        long events = venue.serverLoop().stats().events();
        venue.settle();
        assertThat(venue.serverLoop().stats().events()).as("no spin").isEqualTo(events);
        assertThat(box.got).containsExactly("d0", "d1");

        to.resumeReceiving();
        venue.until("all have come", () -> box.got.size() == 6);
        assertThat(box.got).containsExactly("d0", "d1", "d2", "d3", "d4", "d5");
        assertThat(to.isReceivingPaused()).isFalse();
    }

    @Test
    void whatWaitsWhenAnEndpointIsPausedAndClosedIsDropped() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), (endpoint, bytes, from) -> {
            box.onDatagram(endpoint, bytes, from);
            endpoint.pauseReceiving();
        });
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        long leased = Chunk.SHARED.stats().leasedBytes();
        inClientLoop(() -> {
            for (int i = 0; i < 5; i++) {
                from.send(bytes("d" + i), to.localAddress());
            }
        });
        venue.until("paused", to::isReceivingPaused);
        venue.settle();
        to.close();
        to.resumeReceiving();
        venue.settle();
        assertThat(box.got).containsExactly("d0");
        assertThat(Chunk.SHARED.stats().leasedBytes()).isEqualTo(leased);
    }

    /** On the loopback each datagram to a port without a socket comes back as an ICMP message. */
    @Test
    void unreachablePortsAreReportedWithTheirAddressAndNeverEndTheEndpoint() throws Exception {
        UdpEndpoint gone = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), new Box());
        SocketAddress nowhere = gone.localAddress();
        gone.close();
        venue.settle();
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), box);
        from.socket().connect(nowhere);
        while (from.lost() <= DatagramReceiver.MAX_FAILURES_IN_A_ROW) {
            long before = from.lost();
            from.send(bytes("x"), nowhere);
            venue.until("it is lost", () -> from.lost() > before);
        }
        from.pauseReceiving();
        from.send(bytes("x"), nowhere);
        venue.settle();
        long events = venue.clientLoop().stats().events();
        venue.settle();
        assertThat(venue.clientLoop().stats().events())
                .as("no spin while it is paused")
                .isEqualTo(events);

        from.resumeReceiving();
        assertThat(box.closed).isEmpty();
        assertThat(box.errors)
                .hasSizeGreaterThan(DatagramReceiver.MAX_FAILURES_IN_A_ROW)
                .hasOnlyElementsOfType(PortUnreachableException.class);
        assertThat(box.peers).containsOnly(nowhere);
    }

    @Test
    void whatTheSystemRefusesIsReportedWithItsAddressAndTheOthersArrive() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        Box sender = new Box();
        UdpEndpoint from = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), sender);
        InetSocketAddress noPort = new InetSocketAddress(((InetSocketAddress) to.localAddress()).getAddress(), 0);
        Runnable sends = () -> {
            from.send(bytes("a"), to.localAddress());
            from.send(ByteBuffer.allocate(65_520), to.localAddress()); // more than IPv4 leaves for data
            from.send(bytes("b"), to.localAddress());
            from.send(bytes("nowhere"), noPort);
            from.send(bytes("c"), to.localAddress());
            from.send(ByteBuffer.allocate(70_000), to.localAddress());
            from.send(bytes("d"), to.localAddress());
        };
        sends.run();
        venue.until("the others have come", () -> box.got.size() == 4 && sender.errors.size() == 3);
        inClientLoop(sends);
        venue.until("the others have come", () -> box.got.size() == 8 && sender.errors.size() == 6);

        assertThat(box.got).containsExactly("a", "b", "c", "d", "a", "b", "c", "d");
        assertThat(sender.errors).hasOnlyElementsOfType(IOException.class);
        assertThat(sender.peers)
                .containsExactly(
                        to.localAddress(), noPort, to.localAddress(), to.localAddress(), noPort, to.localAddress());
        assertThat(from.lost()).isEqualTo(6);
        assertThat(from.queuedDatagrams()).isZero();
        assertThat(from.queuedBytes()).isZero();
    }

    @Test
    void endpointsOfALoopTakeTurnsInSending() throws Exception {
        UdpEndpoint to = UdpEndpoint.open(venue.serverLoop(), venue.anyAddress(), box);
        UdpEndpoint one = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        UdpEndpoint other = UdpEndpoint.open(venue.clientLoop(), venue.anyAddress(), new Box());
        SocketAddress first = one.localAddress();
        SocketAddress second = other.localAddress();
        inClientLoop(() -> {
            for (int i = 0; i < 20; i++) {
                (i % 3 == 0 ? one : other).send(bytes("d" + i), to.localAddress());
            }
            other.close(); // what was sent leaves
        });
        venue.until("all have come", () -> box.got.size() == 20);
        for (int i = 0; i < 20; i++) {
            assertThat(box.got.get(i)).isEqualTo("d" + i);
            assertThat(box.senders.get(i)).isEqualTo(i % 3 == 0 ? first : second);
        }
    }
}
