package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScriptedPeerTest {
    private static final String RESET = "!";
    private static final String MUTE = "?";

    private final List<Throwable> closedWith = new ArrayList<>();
    private int closed;

    /** Serves an echo that resets when it reads "!", and says nothing to "?". */
    private SimHost echo(SimNetwork network) throws IOException {
        SimHost server = network.host("server");
        EventLoop loop = server.loop();
        TcpListener listener = loop.openListener(server.address(7));
        loop.register(listener, Interest.READABLE, event -> {
            for (TcpStream stream; (stream = listener.accept()) != null; ) {
                loop.register(stream, Interest.READABLE, echo(stream));
            }
        });
        return server;
    }

    private EventHandler echo(TcpStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        return new EventHandler() {
            @Override
            public void handle(Event event) throws IOException {
                int count = stream.read(buffer.clear());
                if (count < 0) {
                    event.registration().close();
                    return;
                }
                String text = new String(buffer.array(), 0, count, StandardCharsets.ISO_8859_1);
                if (text.contains(RESET)) {
                    stream.setOption(StandardSocketOptions.SO_LINGER, 0);
                    event.registration().close();
                } else if (!text.contains(MUTE)) {
                    stream.write(buffer.flip());
                }
            }

            @Override
            public void onClose(Registration registration, @Nullable Throwable cause) {
                closed++;
                if (cause != null) {
                    closedWith.add(cause);
                }
            }
        };
    }

    @Seeds(20)
    void whatIsSentComesBack(SimNetwork network) throws IOException {
        network.links().latency(Duration.ofMillis(1), Duration.ofMillis(20)).shortReads(0.3);
        SimHost server = echo(network);
        SimHost client = network.host("client");
        network.way("client", "server").wouldBlock(0.2).shortWrites(0.2); // the echo below does not bear it
        try (ScriptedPeer peer = client.connect(server.address(7))) {
            peer.send("one\r\n").expect("one\r\n").send("two\nthree\n");
            assertThat(peer.receiveUntil("\n")).isEqualTo("two\n");
            assertThat(peer.receive(2)).containsExactly('t', 'h');
            peer.expect("ree\n")
                    .expectNothing(Duration.ofSeconds(5))
                    .endOutput()
                    .expectEnd();
        }
    }

    @Test
    void aMismatchShowsBothTexts() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            ScriptedPeer peer = network.host("client").connect(echo(network).address(7));
            peer.send("a\tb");
            assertThatThrownBy(() -> peer.expect("a b and more"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("expected: \"a b and more\"\nreceived: \"a\\x09b\"");
        }
    }

    @Test
    void whatDoesNotComeIsReportedWithWhatHasCome() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            SimHost server = echo(network);
            ScriptedPeer peer =
                    network.host("client").connect(server.address(7)).send("half");
            assertThatThrownBy(() -> peer.expect("half and more"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("expected: \"half and more\"", "received: \"half\"", "seed 1");
            peer.endOutput();
            assertThatThrownBy(() -> peer.expect("half and more"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("received: \"half\" and the end");
            assertThatThrownBy(peer::expectEnd)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("received: \"half\"");
        }
    }

    @Test
    void somethingInThePlaceOfNothingIsAnError() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            SimHost server = echo(network);
            ScriptedPeer peer =
                    network.host("client").connect(server.address(7)).send("a");
            assertThatThrownBy(() -> peer.expectNothing(Duration.ofSeconds(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("received: \"a\"");
            peer.expect("a").endOutput();
            assertThatThrownBy(() -> peer.expectNothing(Duration.ofSeconds(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the end of the stream");
        }
    }

    @Seeds(20)
    void resetsAreSeenOnBothSides(SimNetwork network) throws IOException {
        SimHost server = echo(network);
        closed = 0;
        closedWith.clear();
        network.host("client")
                .connect(server.address(7))
                .send(RESET)
                .expectReset()
                .close();
        assertThat(closed).isEqualTo(1);
        network.host("client").connect(server.address(7)).send("a").expect("a").reset();
        network.runUntil("the server has seen the reset", () -> closed == 2);
        assertThat(closedWith).singleElement().isInstanceOf(IOException.class);
        ScriptedPeer mute =
                network.host("client").connect(server.address(7)).send(MUTE).endOutput();
        assertThatThrownBy(mute::expectReset).isInstanceOf(AssertionError.class).hasMessageContaining("not the end");
        mute.close();
    }

    @Seeds(20)
    void aTestPlaysTheServer(SimNetwork network) throws IOException {
        SimHost server = network.host("server");
        StringBuilder received = new StringBuilder();
        try (ScriptedListener listener = server.listen(0)) {
            EventLoop loop = network.host("client").loop();
            TcpStream stream = loop.openStream(listener.localAddress());
            loop.register(stream, Interest.WRITABLE, event -> {
                ByteBuffer buffer = ByteBuffer.allocate(64);
                if (!stream.finishConnect()) {
                    return;
                }
                event.registration().setInterest(Interest.READABLE);
                if (stream.read(buffer) < 0) {
                    event.registration().close();
                }
                received.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
            });
            ScriptedPeer peer = listener.accept();
            assertThat(peer.remoteAddress()).isEqualTo(stream.localAddress());
            peer.send("hello").endOutput().expectEnd().close();
        }
        assertThat(received).hasToString("hello");
    }

    @Test
    void moreThanTheWindowIsSentWhileTheOtherEndReads() throws IOException {
        try (SimNetwork network = SimNetwork.seeded(3)) {
            network.links().window(1000);
            SimHost server = echo(network);
            ScriptedPeer peer = network.host("client").connect(server.address(7));
            peer.send(MUTE.repeat(5_000)).endOutput();
            assertThat(peer.receiveToEnd()).isEmpty();
            assertThat(network.trace()).contains("read 64 of 1000");
            peer.close();
        }
    }

    @Test
    void aRefusedConnectIsAnAssertionErrorWithTheCause() {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            SimHost server = network.host("server");
            assertThatThrownBy(() -> network.host("client").connect(server.address(9)))
                    .isInstanceOf(AssertionError.class)
                    .hasCauseInstanceOf(java.net.ConnectException.class);
            network.assertNothingLeaked();
        }
    }
}
