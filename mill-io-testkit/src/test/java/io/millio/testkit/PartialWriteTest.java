package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The example of docs/guide/testing.md: a handler that forgets what a write has left, and one that does not. */
class PartialWriteTest {
    private static final byte[] SENT = new byte[300];

    static {
        for (int i = 0; i < SENT.length; i++) {
            SENT[i] = (byte) i;
        }
    }

    /** Looks right, and is so as long as the system takes whatever it is given. */
    private static EventHandler forgetfulEcho(TcpStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        return event -> {
            if (stream.read(buffer.clear()) < 0) {
                event.registration().close();
            } else {
                stream.write(buffer.flip());
            }
        };
    }

    private static EventHandler carefulEcho(TcpStream stream) {
        ByteBuffer buffer = ByteBuffer.allocate(64);
        AtomicBoolean ended = new AtomicBoolean();
        return event -> {
            if (!ended.get() && stream.read(buffer) < 0) {
                ended.set(true);
            }
            stream.write(buffer.flip());
            buffer.compact();
            boolean left = buffer.position() > 0;
            if (ended.get() && !left) {
                event.registration().close();
            } else if (left) {
                event.registration()
                        .setInterest(buffer.hasRemaining() ? Interest.READABLE_WRITABLE : Interest.WRITABLE);
            } else {
                event.registration().setInterest(Interest.READABLE);
            }
        };
    }

    private static void everythingComesBack(SimNetwork network, Function<TcpStream, EventHandler> echo)
            throws IOException {
        network.links()
                .latency(Duration.ofMillis(1), Duration.ofMillis(20))
                .shortWrites(0.1)
                .shortReads(0.1);
        SimHost server = network.host("server");
        EventLoop serving = server.loop();
        TcpListener listener = serving.openListener(server.address(7));
        serving.register(listener, Interest.READABLE, event -> {
            for (TcpStream peer; (peer = listener.accept()) != null; ) {
                serving.register(peer, Interest.READABLE, echo.apply(peer));
            }
        });

        EventLoop asking = network.host("client").loop();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        AtomicBoolean done = new AtomicBoolean();
        TcpStream stream = asking.openStream(server.address(7));
        ByteBuffer out = ByteBuffer.wrap(SENT);
        ByteBuffer in = ByteBuffer.allocate(64);
        asking.register(stream, Interest.WRITABLE, event -> {
            if (!stream.finishConnect()) {
                return;
            }
            if (out.hasRemaining() && stream.write(out) >= 0 && !out.hasRemaining()) {
                stream.shutdownOutput();
            }
            int got = stream.read(in.clear());
            received.write(in.array(), 0, in.position());
            event.registration().setInterest(out.hasRemaining() ? Interest.READABLE_WRITABLE : Interest.READABLE);
            if (got < 0) {
                event.registration().close();
                done.set(true);
            }
        });
        network.runUntil("the echo has ended", done::get);
        assertThat(received.toByteArray()).isEqualTo(SENT);
    }

    @Seeds(100)
    void carefulEchoGivesEverythingBack(SimNetwork network) throws IOException {
        everythingComesBack(network, PartialWriteTest::carefulEcho);
    }

    @Test
    void forgetfulEchoIsFoundOutBySomeSeedsAndTheTraceShowsTheWrite() {
        long found =
                LongStream.rangeClosed(1, 20).filter(PartialWriteTest::findsIt).count();
        assertThat(found).isBetween(5L, 20L);
        try (SimNetwork network = SimNetwork.seeded(1)) {
            assertThatThrownBy(() -> everythingComesBack(network, PartialWriteTest::forgetfulEcho))
                    .isInstanceOf(AssertionError.class);
            assertThat(network.trace()).containsPattern("server:7 > client:49152  write [0-9]+ of 64 \\(short\\)");
        }
    }

    private static boolean findsIt(long seed) {
        try (SimNetwork network = SimNetwork.seeded(seed)) {
            everythingComesBack(network, PartialWriteTest::forgetfulEcho);
            return false;
        } catch (AssertionError | IOException e) {
            return true;
        }
    }
}
