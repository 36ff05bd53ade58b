package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What RFC 9110 and 9112 demand of a server, as the table {@code conformance.txt}: the same whether the bytes come
 * whole, one by one, or in two pieces, wherever they are cut.
 */
class ConformanceTest {
    /** Longer than a piece takes from one host of the simulation to the other, and the answer back. */
    private static final Duration ON_THE_WAY = Duration.ofMillis(100);

    static final HttpOptions OPTIONS = HttpOptions.DEFAULT
            .withHalfClose(true)
            .withHeadTimeout(Duration.ZERO)
            .withIdleTimeout(Duration.ZERO);

    /** A connection, what is still to be sent on it, and what has come. */
    private static final class Exchange implements ConnectionHandler {
        final String how;
        private final List<String> pieces;
        private final CompletableFuture<Connection> connecting;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private int sent;
        boolean ended;

        Exchange(TcpClient client, HttpServer server, String how, List<String> pieces) {
            this.how = how;
            this.pieces = pieces;
            connecting = client.connect(server.localAddress(), this);
        }

        boolean isOpen() {
            return connecting.isDone();
        }

        /** Sends the next piece; returns whether there is another. */
        boolean send() {
            connecting.join().write(ByteBuffer.wrap(pieces.get(sent++).getBytes(StandardCharsets.ISO_8859_1)));
            return sent < pieces.size();
        }

        void endOutput() {
            connecting.join().shutdownOutput();
        }

        List<String> answers() throws IOException {
            return ConformanceCase.answersIn(received.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void onData(Connection from, ByteBuffer bytes) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            received.writeBytes(part);
        }

        @Override
        public void onInputClosed(Connection from, ByteBuffer rest) {
            ended = true;
        }

        @Override
        public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {
            ended = true;
        }
    }

    static List<ConformanceCase> cases() throws IOException {
        return ConformanceCase.table();
    }

    /** Answers with what the server has made of a request. */
    static void answerWhatWasSeen(HttpRequest request, HttpResponse response) {
        CompletableFuture<?> unused = request.readBody(1 << 20).whenComplete((body, failure) -> {
            if (failure != null) {
                response.fail(failure);
                return;
            }
            String seen = request.method() + " " + request.target() + " " + request.minorVersion() + " "
                    + listed(request.fields()) + (request.fields().isEmpty() ? "" : " ") + '"'
                    + new String(body, StandardCharsets.ISO_8859_1) + '"'
                    + (request.trailers().isEmpty() ? "" : " " + listed(request.trailers()));
            response.header("X-Seen", ConformanceCase.escaped(seen)).send();
        });
    }

    private static String listed(List<HttpField> fields) {
        StringBuilder list = new StringBuilder();
        for (HttpField each : fields) {
            list.append('[')
                    .append(each.name())
                    .append('=')
                    .append(each.value())
                    .append(']');
        }
        return list.toString();
    }

    private static List<Exchange> exchanges(TcpClient client, HttpServer server, ConformanceCase tried) {
        return tried.ways().stream()
                .map(way -> new Exchange(client, server, way.name(), way.pieces()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isKeptHoweverTheBytesCome(ConformanceCase tried) throws IOException {
        try (SimNetwork network = SimNetwork.seeded(1)) {
            SimHost host = network.host("server");
            SimHost other = network.host("client");
            try (HttpServer server = HttpServer.builder()
                            .address(host.address(80))
                            .loop(host.loop())
                            .options(OPTIONS)
                            .handler(ConformanceTest::answerWhatWasSeen)
                            .start();
                    TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
                List<Exchange> exchanges = exchanges(client, server, tried);
                network.runUntil("connected", () -> exchanges.stream().allMatch(Exchange::isOpen));
                List<Exchange> sending = new ArrayList<>(exchanges);
                while (!sending.isEmpty()) {
                    sending.removeIf(each -> !each.send());
                    network.runFor(ON_THE_WAY);
                    if (tried.isAnsweredAtItsEnd()) {
                        for (Exchange each : sending) {
                            assertThat(each.answers())
                                    .as("%s, a piece is missing", each.how)
                                    .hasSizeLessThan(tried.answers().size());
                        }
                    }
                }
                for (Exchange each : exchanges) {
                    boolean last = tried.answers().stream().anyMatch(answer -> answer.endsWith(" close"));
                    assertThat(each.answers()).as(each.how).isEqualTo(tried.answers());
                    assertThat(each.ended)
                            .as("%s: the connection has ended", each.how)
                            .isEqualTo(last);
                    each.endOutput();
                }
                network.runUntil(
                        "all have ended",
                        () -> server.connections() == 0 && exchanges.stream().allMatch(each -> each.ended));
                for (Exchange each : exchanges) {
                    assertThat(each.answers()).as("%s, at the end", each.how).isEqualTo(tried.atTheEnd());
                }
            }
        }
    }
}
