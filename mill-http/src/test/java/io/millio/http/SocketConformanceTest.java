package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.transport.Transport;
import io.millio.transport.TransportStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of {@link ConformanceTest} on real sockets, on each transport that there is here. The test drives the loop:
 * it turns between two pieces, so that the server has read one before the next is sent.
 */
class SocketConformanceTest {
    /** As many as it takes to accept a connection, to read a piece and to answer; each polls without waiting. */
    private static final int TURNS = 3;

    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

    static List<String> transports() {
        return Transport.available().stream()
                .filter(TransportStatus::usable)
                .map(TransportStatus::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theTableHoldsHoweverTheBytesCome(String transport) throws IOException {
        try (EventLoop loop = EventLoop.builder()
                        .direct()
                        .transport(Transport.named(transport))
                        .pollTimeout(Duration.ZERO)
                        .build();
                HttpServer server = HttpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .options(ConformanceTest.OPTIONS)
                        .handler(ConformanceTest::answerWhatWasSeen)
                        .start()) {
            for (ConformanceCase tried : ConformanceCase.table()) {
                for (ConformanceCase.Way way : tried.ways()) {
                    String how = transport + ", " + tried.name() + ", " + way.name();
                    try (Exchange exchange = new Exchange(loop, server)) {
                        exchange.play(tried, way.pieces(), how);
                    }
                    turnUntilClosed(loop, server, how);
                }
            }
        }
    }

    private static void turnUntilClosed(EventLoop loop, HttpServer server, String how) throws IOException {
        long start = System.nanoTime();
        while (server.connections() > 0) {
            loop.runOnce();
            assertThat(System.nanoTime() - start)
                    .as("%s: the server closes", how)
                    .isLessThan(PATIENCE_NANOS);
        }
    }

    private static final class Exchange implements AutoCloseable {
        private final EventLoop loop;
        private final SocketChannel client;
        private final ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private boolean ended;

        Exchange(EventLoop loop, HttpServer server) throws IOException {
            this.loop = loop;
            client = SocketChannel.open(server.localAddress());
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.setOption(StandardSocketOptions.SO_LINGER, 0); // thousands of ports are used
            client.configureBlocking(false);
        }

        void play(ConformanceCase tried, List<String> pieces, String how) throws IOException {
            for (int i = 0; i < pieces.size(); i++) {
                ByteBuffer bytes = ByteBuffer.wrap(pieces.get(i).getBytes(StandardCharsets.ISO_8859_1));
                while (bytes.hasRemaining() && !ended) {
                    send(bytes);
                }
                if (i < pieces.size() - 1 && tried.isAnsweredAtItsEnd()) {
                    assertThat(answers())
                            .as("%s, a piece is missing", how)
                            .hasSizeLessThan(tried.answers().size());
                }
            }
            long start = System.nanoTime();
            boolean last = tried.answers().stream().anyMatch(answer -> answer.endsWith(" close"));
            while (answers().size() < tried.answers().size() || ended != last) {
                turn();
                assertThat(System.nanoTime() - start)
                        .as("%s: %s, ended: %s", how, answers(), ended)
                        .isLessThan(PATIENCE_NANOS);
            }
            assertThat(answers()).as(how).isEqualTo(tried.answers());
            if (!ended) {
                client.shutdownOutput();
            }
            while (!ended) {
                turn();
                assertThat(System.nanoTime() - start).as("%s: the end", how).isLessThan(PATIENCE_NANOS);
            }
            assertThat(answers()).as("%s, at the end", how).isEqualTo(tried.atTheEnd());
        }

        private void send(ByteBuffer bytes) throws IOException {
            client.write(bytes);
            for (int i = 0; i < TURNS; i++) {
                turn();
            }
        }

        private void turn() throws IOException {
            loop.runOnce();
            if (ended) {
                return;
            }
            int count = client.read(chunk.clear());
            ended = count < 0;
            received.write(chunk.array(), 0, Math.max(0, count));
        }

        private List<String> answers() throws IOException {
            return ConformanceCase.answersIn(received.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
