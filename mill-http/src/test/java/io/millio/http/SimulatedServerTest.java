package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The server on a simulated network: answers come whole and in order under every schedule, and time limits are exact. */
class SimulatedServerTest {
    private static final int SEEDS = 60;

    /** A client that sends all at once and writes down what comes. */
    private static final class Peer implements ConnectionHandler {
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        boolean closed;

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            got.writeBytes(part);
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            closed = true;
        }

        String text() {
            return got.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private static HttpServer serve(SimHost host, HttpOptions options) throws Exception {
        EventLoop loop = host.loop();
        return HttpServer.builder()
                .address(host.address(80))
                .loop(loop)
                .options(options)
                .handler((request, response) -> {
                    String body = request.path() + ";";
                    if (request.isMethod("POST")) {
                        BodyTest.echo(request, response);
                    } else if (request.isPath("/late")) {
                        loop.schedule(Duration.ofMillis(5), () -> response.send(body));
                    } else {
                        response.send(body);
                    }
                })
                .start();
    }

    @Seeds(SEEDS)
    void pipelinedAnswersComeWholeAndInOrder(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        try (HttpServer server = serve(host, HttpOptions.DEFAULT);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            StringBuilder requests = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = network.draw(30) + 1; i > 0; i--) {
                switch (network.draw(3)) {
                    case 0 -> {
                        requests.append("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
                        expected.add("/late;");
                    }
                    case 1 -> {
                        requests.append("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n")
                                .append(100 + i)
                                .append("\r\n0\r\n\r\n");
                        expected.add(100 + i + "[]");
                    }
                    default -> {
                        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
                        expected.add("/" + i + ";");
                    }
                }
            }
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            byte[] bytes = requests.toString().getBytes(StandardCharsets.ISO_8859_1);
            int cut = network.draw(bytes.length);
            connecting.join().write(ByteBuffer.wrap(bytes, 0, cut));
            network.runFor(Duration.ofMillis(network.draw(3)));
            connecting.join().write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            network.runUntil(
                    "all are answered",
                    () -> peer.text().split("HTTP/1.1 200", -1).length == expected.size() + 1
                            && peer.text().endsWith(expected.get(expected.size() - 1)));

            List<String> bodies = new ArrayList<>();
            for (String answer : peer.text().split("HTTP/1.1 200 OK\r\n", -1)) {
                if (!answer.isEmpty()) {
                    bodies.add(answer.substring(answer.indexOf("\r\n\r\n") + 4));
                }
            }
            assertThat(bodies).isEqualTo(expected);
            connecting.join().close();
            network.runUntil("closed", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void slowHeadsAreCutOffAtTheirTimeHoweverOftenAByteComes(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        HttpOptions options = HttpOptions.DEFAULT.withHeadTimeout(Duration.ofSeconds(10));
        try (HttpServer server = serve(host, options);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Peer peer = new Peer();
                peers.add(peer);
                CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
                network.runUntil("connected", connecting::isDone);
                connecting.join().write(ByteBuffer.wrap(new byte[] {'G'}));
                for (int second = 5; second <= 10; second += 4) {
                    network.after(Duration.ofSeconds(second), () -> {
                        if (!peer.closed) {
                            connecting.join().write(ByteBuffer.wrap(new byte[] {'E'}));
                        }
                    });
                }
            }
            network.runFor(Duration.ofSeconds(9));
            assertThat(peers).allMatch(peer -> peer.text().isEmpty());
            network.runFor(Duration.ofSeconds(3));
            assertThat(peers).allMatch(peer -> peer.text().startsWith("HTTP/1.1 408 "));
            network.runUntil("all have gone", () -> server.connections() == 0);
        }
    }
}
