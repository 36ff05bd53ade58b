package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpClient;
import io.millio.testkit.Seeds;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the access log is called, and whether it says that the client was sent the whole answer. */
class AccessLogTest extends HttpCase {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    /** Less than what is copied to be sent by and by: all of it is queued when the handler returns. */
    private static final int QUEUED_BYTES = 500_000;

    private final List<String> lines = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private void log(HttpRequest request, int status, long bytes, boolean complete, long nanos) {
        assertThat(nanos).isNotNegative();
        lines.add(request.method() + " " + request.target() + " " + status + " " + bytes + " " + complete);
    }

    private HttpServer serveLogged(HttpHandler handler) throws Exception {
        options = options.withAccessLog(this::log);
        return serve(handler);
    }

    @Test
    void eachRequestIsLogged() throws Exception {
        Raw client = connect(serveLogged(ServerTest::hello));
        client.send("GET /plaintext HTTP/1.1\nHost: x\n\nHEAD /a?b HTTP/1.1\nHost: x\n\nnonsense\n\n");
        client.answer();
        client.head();
        client.answer();
        until("three lines", () -> lines.size() == 3);
        assertThat(lines).containsExactly("GET /plaintext 200 13 true", "HEAD /a?b 200 0 true", "  400 16 true");
    }

    @Test
    void aRequestRefusedForALateHeadIsLoggedWithItsTarget() throws Exception {
        options = options.withHeadTimeout(Duration.ofMillis(50));
        Raw client = connect(serveLogged(ServerTest::hello));
        client.send("GET /late?a HTTP/1.1\nHost: x\n");
        assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        until("it is logged", () -> lines.size() == 1);
        assertThat(lines.get(0)).startsWith("GET /late?a 408 ");
    }

    @Test
    void anAnswerThatEndsTheConnectionIsComplete() throws Exception {
        HttpServer server = serveLogged((request, response) -> response.send("last"));
        Raw client = connect(server);
        client.send("GET /asked HTTP/1.1\nHost: x\nConnection: close\n\n");
        assertThat(client.rest()).endsWith("last");
        Raw old = connect(server);
        old.send("GET /old HTTP/1.0\n\n");
        assertThat(old.rest()).endsWith("last");
        until("both are logged", () -> lines.size() == 2);
        assertThat(lines).containsExactly("GET /asked 200 4 true", "GET /old 200 4 true");
    }

    @Test
    void aRequestWhoseAnswerCameBeforeItsBodyIsLoggedWithItsOwnFields() throws Exception {
        expectErrors();
        List<String> lines = new CopyOnWriteArrayList<>();
        options = options.withAccessLog((request, status, bytes, complete, nanos) ->
                lines.add(request + " " + request.header("X-One") + " " + status + " " + complete));
        Raw client = connect(serve((request, response) -> {
            if (request.isPath("/asked")) {
                request.body(new BodyReader() {
                    @Override
                    public void onData(ByteBuffer bytes) {
                        throw new IllegalStateException("planted");
                    }

                    @Override
                    public void onEnd() {}
                });
            }
            response.send("early");
        }));
        for (String path : List.of("/ignored", "/asked")) {
            client.send("POST " + path + " HTTP/1.1\nHost: x\nX-One: 1\nContent-Length: 1000\n\n");
            assertThat(client.answer()).endsWith("early");
            client.sendExactly("-".repeat(1000)); // comes where the head was
        }
        until("both are logged", () -> lines.size() == 2);
        assertThat(lines).containsExactly("POST /ignored 1 200 true", "POST /asked 1 200 true");
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.toString()).contains("POST /asked"));
    }

    @Test
    void anAnswerThatFailsAfterItsHeadIsIncomplete() throws Exception {
        expectErrors();
        HttpServer server = serveLogged((request, response) -> {
            if (request.isPath("/fails")) {
                response.start();
                response.write(ByteBuffer.wrap(new byte[3]));
                throw new IllegalStateException("planted");
            }
            response.start(4);
            response.write(ByteBuffer.wrap(new byte[3]));
            response.end(); // lacks a byte
        });
        for (String path : List.of("/fails", "/lacks")) {
            Raw client = connect(server);
            client.send("GET " + path + " HTTP/1.1\nHost: x\n\n");
            client.restOrReset();
        }
        until("both are logged", () -> lines.size() == 2);
        assertThat(lines).containsExactlyInAnyOrder("GET /fails 200 3 false", "GET /lacks 200 3 false");
    }

    @Test
    void aFileThatChangesIsIncompleteAndOneThatDoesNotIsComplete() throws Exception {
        expectErrors();
        Path file = Files.writeString(directory.resolve("file"), "0123456789");
        HttpServer server = serveLogged((request, response) -> {
            FileState found =
                    FileState.of(file, Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class));
            if (request.isPath("/changed")) {
                Files.writeString(file, "short");
            }
            response.answer.send(found, 0, found.size());
        });
        Raw client = connect(server);
        client.send("GET /kept HTTP/1.1\nHost: x\n\nGET /changed HTTP/1.1\nHost: x\n\n");
        client.restOrReset();
        until("both are logged", () -> lines.size() == 2);
        assertThat(lines).containsExactly("GET /kept 200 10 true", "GET /changed 200 0 false");
    }

    // ---- in the simulated network

    /** A client that reads only if it is asked to. */
    private static final class Reader implements ConnectionHandler {
        private int received;

        @Override
        public void onOpen(Connection connection) {
            connection.pauseReading();
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            received += bytes.remaining();
        }

        @Override
        public void onClose(Connection closed, CloseCause cause, @Nullable Throwable failure) {}
    }

    /** Each path is a way to answer with 500,000 bytes, more than the window of the network. */
    private HttpServer serveSlowly(SimHost host) throws Exception {
        return HttpServer.builder()
                .address(host.address(80))
                .loop(host.loop())
                .options(HttpOptions.DEFAULT.withAccessLog(this::log).withHalfClose(true))
                .connectionOptions(ConnectionOptions.DEFAULT.withCloseTimeout(CLOSE_TIMEOUT))
                .handler((request, response) -> {
                    switch (request.path()) {
                        case "/whole" -> response.send(new byte[QUEUED_BYTES]);
                        case "/prepared" -> response.send(PreparedResponse.of(200, List.of(), new byte[QUEUED_BYTES]));
                        case "/streamed" -> {
                            response.start();
                            response.write(ByteBuffer.allocate(QUEUED_BYTES));
                            response.end();
                        }
                        case "/large" -> response.send(new byte[5 * QUEUED_BYTES]);
                        case "/last" -> response.closeConnection().send(new byte[QUEUED_BYTES]);
                        default -> response.later();
                    }
                })
                .start();
    }

    private static Connection connected(SimNetwork network, TcpClient client, HttpServer server, Reader reader) {
        CompletableFuture<Connection> connecting = client.connect(server.localAddress(), reader);
        network.runUntil("connected", connecting::isDone);
        return connecting.join();
    }

    private static void get(Connection connection, String path) {
        connection.write(
                ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    @Seeds(5)
    void anAnswerIsLoggedWhenItHasBeenSentAndNotWhenItIsQueued(SimNetwork network) throws Exception {
        lines.clear();
        network.links().window(10_000);
        SimHost host = network.host("server");
        try (HttpServer server = serveSlowly(host);
                TcpClient client =
                        TcpClient.builder().loop(network.host("client").loop()).build()) {
            List<String> expected = new ArrayList<>();
            for (String path : List.of("/whole", "/prepared", "/streamed", "/large", "/last")) {
                Reader reader = new Reader();
                Connection connection = connected(network, client, server, reader);
                get(connection, path);
                network.runFor(Duration.ofSeconds(1));
                assertThat(lines).as(path).isEqualTo(expected);
                connection.resumeReading();
                expected.add("GET " + path + " 200 " + (path.equals("/large") ? 5 : 1) * QUEUED_BYTES + " true");
                network.runUntil("it is logged", () -> lines.size() == expected.size());
                assertThat(lines).isEqualTo(expected);
                assertThat(reader.received).as(path).isGreaterThan(QUEUED_BYTES - 100_000);
                connection.close();
            }
            network.runUntil("all have gone", () -> server.connections() == 0);
            assertThat(lines).isEqualTo(expected);
        }
    }

    @Seeds(5)
    void anAnswerOfWhichAPartIsStillQueuedWhenTheClientLeavesIsIncomplete(SimNetwork network) throws Exception {
        lines.clear();
        network.links().window(10_000);
        SimHost host = network.host("server");
        try (HttpServer server = serveSlowly(host);
                TcpClient client =
                        TcpClient.builder().loop(network.host("client").loop()).build()) {
            List<String> expected = new ArrayList<>();
            for (String path : List.of("/whole", "/prepared", "/streamed", "/last")) {
                Connection connection = connected(network, client, server, new Reader());
                get(connection, path);
                network.runFor(Duration.ofSeconds(1));
                connection.abort();
                expected.add("GET " + path + " 200 " + QUEUED_BYTES + " false");
                network.runUntil("it is logged", () -> lines.size() == expected.size());
                assertThat(lines).isEqualTo(expected);
            }
            Connection connection = connected(network, client, server, new Reader());
            get(connection, "/never");
            network.runFor(Duration.ofSeconds(1));
            connection.abort();
            network.runUntil("all have gone", () -> server.connections() == 0);
            expected.add("GET /never 0 0 false");
            assertThat(lines).isEqualTo(expected);
        }
    }

    @Seeds(5)
    void anAnswerThatTheClientDoesNotReadInTimeIsIncomplete(SimNetwork network) throws Exception {
        lines.clear();
        network.links().window(10_000);
        SimHost host = network.host("server");
        try (HttpServer server = serveSlowly(host);
                TcpClient client =
                        TcpClient.builder().loop(network.host("client").loop()).build()) {
            Connection stalls = connected(network, client, server, new Reader());
            get(stalls, "/last");
            network.runFor(CLOSE_TIMEOUT.dividedBy(2));
            assertThat(lines).isEmpty();
            network.runUntil("it has gone", () -> server.connections() == 0);
            assertThat(lines).containsExactly("GET /last 200 " + QUEUED_BYTES + " false");
        }
    }
}
