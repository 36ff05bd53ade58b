package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
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

        @Override
        public void onDatagram(UdpEndpoint endpoint, ByteBuffer bytes, SocketAddress from) {
            got.add(StandardCharsets.ISO_8859_1.decode(bytes).toString());
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
            assertThat(from.send(bytes("d" + i), to.localAddress())).isTrue();
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
        assertThat(from.send(bytes("late"), to.localAddress())).isFalse();
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
            for (int i = 1; i < UdpEndpoint.MAX_FAILURES_IN_A_ROW; i++) {
                to.receiveFailed(unreachable);
            }
        });
        venue.until("all have failed", () -> to.lost() == UdpEndpoint.MAX_FAILURES_IN_A_ROW - 1);
        from.send(bytes("after them"), to.localAddress());
        venue.until("the next has come", () -> box.got.size() == 1);
        assertThat(box.closed).isEmpty();

        venue.serverLoop().execute(() -> {
            for (int i = 0; i < UdpEndpoint.MAX_FAILURES_IN_A_ROW; i++) {
                to.receiveFailed(unreachable);
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
        while (to.send(large.clear(), to.localAddress())) {
            sent += 60_000;
        }

        assertThat(sent).isBetween(UdpEndpoint.MAX_QUEUED_BYTES - 60_000, UdpEndpoint.MAX_QUEUED_BYTES);
        assertThat(large.position()).isZero();
        venue.until("all have left", () -> to.queuedBytes() == 0);
        assertThat(to.send(large.clear(), to.localAddress())).isTrue();
        assertThatThrownBy(() -> to.send(large, InetSocketAddress.createUnresolved("nowhere", 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
