package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimNetworkTest {
    private static final UnaryOperator<EventLoopBuilder> DIRECT = EventLoopBuilder::direct;

    /** Echoes whatever comes, in small steps and with partial writes kept. */
    private static void serveEcho(EventLoop loop, SimHost host, int port) throws IOException {
        TcpListener listener = loop.openListener(host.address(port));
        loop.register(listener, Interest.READABLE, event -> {
            for (TcpStream peer; (peer = listener.accept()) != null; ) {
                TcpStream stream = peer;
                ByteBuffer pending = ByteBuffer.allocate(100);
                loop.register(stream, Interest.READABLE, ready -> {
                    boolean ended = stream.read(pending) < 0;
                    pending.flip();
                    stream.write(pending);
                    pending.compact();
                    if (ended && pending.position() == 0) {
                        ready.registration().close();
                    } else {
                        ready.registration()
                                .setInterest(
                                        pending.position() == 0
                                                ? Interest.READABLE
                                                : pending.hasRemaining() && !ended
                                                        ? Interest.READABLE_WRITABLE
                                                        : Interest.WRITABLE);
                    }
                });
            }
        });
    }

    /** Sends a text and collects what comes back until its end. */
    private static StringBuilder ask(EventLoop loop, SimHost server, int port, String text, AtomicBoolean done)
            throws IOException {
        StringBuilder answer = new StringBuilder();
        ByteBuffer sending = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        ByteBuffer room = ByteBuffer.allocate(64);
        TcpStream stream = loop.openStream(server.address(port));
        loop.register(stream, Interest.WRITABLE, event -> {
            if (!stream.finishConnect()) {
                return;
            }
            if (event.isWritable() && sending.hasRemaining()) {
                stream.write(sending);
                if (!sending.hasRemaining()) {
                    stream.shutdownOutput();
                }
            }
            int got = stream.read(room.clear());
            answer.append(new String(room.array(), 0, room.position(), StandardCharsets.ISO_8859_1));
            event.registration().setInterest(sending.hasRemaining() ? Interest.READABLE_WRITABLE : Interest.READABLE);
            if (got < 0) {
                event.registration().close();
                done.set(true);
            }
        });
        return answer;
    }

    private static SimNetwork troubled(long seed) {
        SimNetwork network = SimNetwork.seeded(seed);
        network.links()
                .latency(Duration.ofMillis(1), Duration.ofMillis(30))
                .bandwidth(100_000)
                .shortReads(0.3)
                .shortWrites(0.3)
                .wouldBlock(0.2)
                .window(500);
        network.host("a").spuriousWakeUps(0.2).interruptedPolls(0.1);
        network.host("b").spuriousWakeUps(0.2);
        return network;
    }

    private static SimNetwork echo(long seed, UnaryOperator<EventLoopBuilder> settings) throws IOException {
        SimNetwork network = troubled(seed);
        SimHost a = network.host("a");
        SimHost b = network.host("b");
        EventLoop server = b.loop(settings);
        EventLoop client = a.loop(settings);
        serveEcho(server, b, 80);
        AtomicBoolean done = new AtomicBoolean();
        String text = "0123456789".repeat(300);
        StringBuilder answer = ask(client, b, 80, text, done);
        network.runUntil("the answer has come", done::get);
        assertThat(answer.toString()).isEqualTo(text);
        client.close();
        server.close();
        network.run();
        network.assertNothingLeaked();
        assertThat(network.errors()).isEmpty();
        return network;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void anEchoComesBackWholeWhateverGoesWrong(long seed) throws IOException {
        echo(seed, DIRECT).close();
        echo(seed, settings -> settings).close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theSameSeedGivesTheSameTrace(long seed) throws IOException {
        for (UnaryOperator<EventLoopBuilder> settings : List.of(DIRECT, UnaryOperator.<EventLoopBuilder>identity())) {
            try (SimNetwork once = echo(seed, settings);
                    SimNetwork again = echo(seed, settings);
                    SimNetwork other = echo(seed + 100, settings)) {
                assertThat(again.trace()).isEqualTo(once.trace()).isNotEqualTo(other.trace());
                assertThat(again.traceHash()).isEqualTo(once.traceHash()).isNotEqualTo(other.traceHash());
            }
        }
    }

    @Test
    void anHourInWhichNothingHappensCostsNothing() {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            EventLoop loop = network.host("a").loop();
            AtomicInteger fired = new AtomicInteger();
            loop.schedule(Duration.ofHours(1), fired::incrementAndGet);
            network.run();
            assertThat(fired).hasValue(1);
            assertThat(network.now())
                    .isBetween(Duration.ofHours(1), Duration.ofHours(1).plusMillis(2));
            assertThat(loop.stats().turns()).isLessThan(10);
        }
    }
}
