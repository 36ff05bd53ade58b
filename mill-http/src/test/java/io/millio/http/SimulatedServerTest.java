package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.WriteResult;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The server on a simulated network: answers come whole and in order under every schedule, and time limits are exact.
 */
class SimulatedServerTest {
    private static final int SEEDS = 60;

    /** A client that sends all at once and writes down what comes. */
    private static class Peer implements ConnectionHandler {
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
                        response.later();
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
        try (HttpServer server = serve(host, HttpOptions.DEFAULT.withHalfClose(true));
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
            boolean halfClosed = network.draw(2) == 0;
            if (halfClosed) {
                connecting.join().shutdownOutput();
            }
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
            if (!halfClosed) {
                connecting.join().close();
            }
            network.runUntil("closed", () -> server.connections() == 0);
        }
    }

    /** The reader has all bytes, but has paused before it was called with the end. */
    @Seeds(20)
    void theEndOfInputWhileTheReaderOfAWholeBodyIsPausedIsNoTruncation(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        EventLoop loop = host.loop();
        try (HttpServer server = HttpServer.builder()
                .address(host.address(80))
                .loop(loop)
                .options(HttpOptions.DEFAULT.withHalfClose(true))
                .handler((request, response) -> request.body(new BodyReader() {
                    @Override
                    public void onData(ByteBuffer bytes) {
                        bytes.position(bytes.limit());
                        request.pauseBody();
                        loop.schedule(Duration.ofMillis(500), request::resumeBody);
                    }

                    @Override
                    public void onEnd() {
                        response.send("whole");
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        response.send("failed: " + failure);
                    }
                }))
                .start()) {
            String answer = network.host("client")
                    .connect(server.localAddress())
                    .send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
                    .endOutput()
                    .receiveToEnd();
            assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nwhole");
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

    @Seeds(5)
    void aClientThatDoesNotCloseAfterARefusalIsWaitedForTheCloseTimeout(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        try (HttpServer server = serve(host, HttpOptions.DEFAULT);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer() {
                @Override
                public void onInputClosed(Connection connection, ByteBuffer rest) {
                    // it does not close
                }
            };
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            connecting.join().write(bytes("nonsense\r\n\r\n"));
            network.runFor(Duration.ofSeconds(9));
            assertThat(peer.text()).startsWith("HTTP/1.1 400 ");
            assertThat(server.connections()).isEqualTo(1);
            network.runFor(Duration.ofSeconds(2));
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void answersOfAnotherThreadAreHeldUpByAClientThatReadsNothing(SimNetwork network) throws Exception {
        network.links().window(10_000);
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        AtomicInteger handled = new AtomicInteger();
        try (HttpServer server = HttpServer.builder()
                        .address(host.address(80))
                        .loop(host.loop())
                        .handler(HttpHandler.on(host.executor(2), (request, response) -> {
                            handled.incrementAndGet();
                            response.send(new byte[100_000]);
                        }))
                        .start();
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            connecting.join().pauseReading();
            connecting.join().write(bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100)));
            network.runFor(Duration.ofSeconds(5));
            assertThat(handled).hasValueLessThan(20);
            connecting.join().resumeReading();
            network.runUntil("all have come", () -> peer.got.size() > 100 * 100_000);
            assertThat(handled).hasValue(100);
            connecting.join().close();
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void theResponseTimeoutIsForTheBeginningOfAnAnswer(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        EventLoop loop = host.loop();
        try (HttpServer server = HttpServer.builder()
                        .address(host.address(80))
                        .loop(loop)
                        .options(HttpOptions.DEFAULT.withResponseTimeout(Duration.ofSeconds(5)))
                        .handler((request, response) -> {
                            response.start();
                            loop.schedule(Duration.ofSeconds(20), () -> {
                                response.write(bytes("late"));
                                response.end();
                            });
                        })
                        .start();
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            connecting.join().write(bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
            network.runFor(Duration.ofSeconds(21));
            assertThat(peer.text()).startsWith("HTTP/1.1 200 ").endsWith("4\r\nlate\r\n0\r\n\r\n");
            connecting.join().close();
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void emptyLinesLeaveAConnectionIdle(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        HttpOptions options = HttpOptions.DEFAULT.withHeadTimeout(Duration.ofSeconds(10));
        try (HttpServer server = serve(host, options);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            List<Peer> peers = new ArrayList<>();
            for (String stray : List.of("\r\n", "\r\n\r\n", "\r")) {
                Peer peer = new Peer();
                peers.add(peer);
                CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
                network.runUntil("connected", connecting::isDone);
                String request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
                if (network.draw(2) == 0) {
                    connecting.join().write(bytes(request + stray));
                } else {
                    connecting.join().write(bytes(request));
                    network.runUntil("answered", () -> peer.text().endsWith("/;"));
                    connecting.join().write(bytes(stray));
                }
            }
            network.runFor(Duration.ofSeconds(30));
            assertThat(peers).allMatch(peer -> peer.text().endsWith("/;") && !peer.closed);
            CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
            network.runUntil("drained", drained::isDone);
            assertThat(drained.join()).isTrue();
            assertThat(peers).allMatch(peer -> peer.text().endsWith("/;"));
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A byte a second of what is announced. */
    private static void trickle(SimNetwork network, Connection connection, Peer peer, int bytes) {
        for (int second = 1; second <= bytes; second++) {
            network.after(Duration.ofSeconds(second), () -> {
                if (!peer.closed) {
                    connection.write(ByteBuffer.wrap(new byte[] {'x'}));
                }
            });
        }
    }

    @Seeds(5)
    void aBodyThatTricklesIsCutOffAtItsTimeHoweverOftenAByteComes(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        HttpOptions options =
                HttpOptions.DEFAULT.withBodyTimeout(Duration.ofSeconds(10)).withMinBodyRate(100);
        try (HttpServer server = serve(host, options);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            String head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n";
            connecting.join().write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
            trickle(network, connecting.join(), peer, 60);
            network.runFor(Duration.ofMillis(9_800));
            assertThat(peer.text()).isEmpty();
            network.runFor(Duration.ofSeconds(2));
            assertThat(peer.text()).startsWith("HTTP/1.1 408 ").contains("Connection: close\r\n");
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void aBodyThatComesAtTheLeastRateMayTakeLongerThanItsTimeout(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        HttpOptions options =
                HttpOptions.DEFAULT.withBodyTimeout(Duration.ofSeconds(10)).withMinBodyRate(1);
        try (HttpServer server = serve(host, options);
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            String head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n";
            connecting.join().write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
            trickle(network, connecting.join(), peer, 60);
            network.runFor(Duration.ofSeconds(62));
            assertThat(peer.text()).startsWith("HTTP/1.1 200 ").endsWith("x".repeat(60) + "[]");
            connecting.join().close();
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void aPauseOfTheHandlerGivesATricklingBodyNoNewTime(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        HttpOptions options =
                HttpOptions.DEFAULT.withBodyTimeout(Duration.ofSeconds(10)).withMinBodyRate(100);
        EventLoop loop = host.loop();
        try (HttpServer server = HttpServer.builder()
                        .address(host.address(80))
                        .loop(loop)
                        .options(options)
                        .handler((request, response) -> request.body(new BodyReader() {
                            @Override
                            public void onData(ByteBuffer bytes) {
                                request.pauseBody();
                                loop.schedule(Duration.ofMillis(10), request::resumeBody);
                            }

                            @Override
                            public void onEnd() {
                                response.send("all");
                            }
                        }))
                        .start();
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            String head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n";
            connecting.join().write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
            trickle(network, connecting.join(), peer, 60);
            network.runFor(Duration.ofSeconds(12));
            assertThat(peer.text()).startsWith("HTTP/1.1 408 ");
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }

    @Seeds(5)
    void aSlowReaderGetsItAllAndLittleWaitsForIt(SimNetwork network) throws Exception {
        SimHost host = network.host("server");
        SimHost other = network.host("client");
        int parts = 200;
        int partBytes = 20_000;
        AtomicInteger written = new AtomicInteger();
        AtomicLong mostQueued = new AtomicLong();
        try (HttpServer server = HttpServer.builder()
                        .address(host.address(80))
                        .loop(host.loop())
                        .handler((request, response) -> {
                            Runnable pump = () -> {
                                boolean goOn = true;
                                while (goOn && written.get() < parts) {
                                    written.incrementAndGet();
                                    goOn = response.write(ByteBuffer.allocate(partBytes)) == WriteResult.CONTINUE;
                                    mostQueued.accumulateAndGet(
                                            request.connection().queuedBytes(), Math::max);
                                }
                                if (written.get() == parts && goOn) {
                                    response.end();
                                }
                            };
                            response.onWritable(pump);
                            response.start((long) parts * partBytes);
                            pump.run();
                        })
                        .start();
                TcpClient client = TcpClient.builder().loop(other.loop()).build()) {
            Peer peer = new Peer();
            CompletableFuture<Connection> connecting = client.connect(server.localAddress(), peer);
            network.runUntil("connected", connecting::isDone);
            Connection reader = connecting.join();
            reader.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)));
            reader.pauseReading();
            network.runFor(Duration.ofSeconds(5));
            assertThat(written.get()).isLessThan(parts);
            while (peer.got.size() < parts * partBytes) {
                reader.resumeReading();
                network.runFor(Duration.ofMillis(20));
                reader.pauseReading();
                network.runFor(Duration.ofMillis(20));
            }
            String text = peer.text();
            assertThat(text.length() - text.indexOf("\r\n\r\n") - 4).isEqualTo(parts * partBytes);
            assertThat(mostQueued.get()).isLessThan(1_000_000);
            reader.resumeReading();
            reader.close();
            network.runUntil("it has gone", () -> server.connections() == 0);
        }
    }
}
