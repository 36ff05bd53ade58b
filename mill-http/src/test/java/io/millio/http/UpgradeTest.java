package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Interim responses, and connections that leave HTTP for another protocol. */
class UpgradeTest extends HttpCase {
    private static final String REQUEST =
            "GET /chat HTTP/1.1\nHost: x\nConnection: keep-alive, Upgrade\nUpgrade: other/1, Echo\n\n";
    private static final String SWITCHED = """
            HTTP/1.1 101 Switching Protocols
            X-One: 1
            Connection: Upgrade
            Upgrade: echo

            """;

    /** Echoes what has four bytes at least, and writes its calls down. */
    private static class Echo implements ConnectionHandler {
        final List<String> calls = new CopyOnWriteArrayList<>();

        @Override
        public void onOpen(Connection connection) {
            calls.add("open");
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (bytes.remaining() >= 4) {
                connection.write(bytes);
            }
        }

        @Override
        public void onInputClosed(Connection connection, ByteBuffer rest) {
            calls.add("inputClosed " + StandardCharsets.US_ASCII.decode(rest));
            connection.close();
        }

        @Override
        public void onDrain(Connection connection) {
            calls.add("drain");
            connection.write(ByteBuffer.wrap("bye".getBytes(StandardCharsets.US_ASCII)));
            connection.close();
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            calls.add("close");
        }
    }

    private static HttpHandler upgradeTo(Echo echo) {
        return (request, response) -> response.header("X-One", "1").upgrade("echo", echo);
    }

    @Test
    void theConnectionLeavesHttpWithTheBytesBehindTheRequest() throws Exception {
        Echo echo = new Echo();
        HttpServer server = serve(upgradeTo(echo));
        Raw client = connect(server);
        client.send(REQUEST + "early");
        assertThat(client.head() + "\n").isEqualTo(SWITCHED);
        assertThat(client.body(5)).isEqualTo("early");
        until("HTTP waits for nothing", () -> loop().stats().timers() == 0);
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.body(27)).isEqualTo("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.send("ab").endOutput();
        assertThat(client.ends()).isTrue();
        until("it has gone", () -> server.connections() == 0);
        assertThat(echo.calls).containsExactly("open", "inputClosed ab", "close");
    }

    @Test
    void anUpgradeFromAnotherThreadDeliversWhatHasComeMeanwhile() throws Exception {
        ExecutorService elsewhere = Executors.newSingleThreadExecutor();
        try {
            Echo echo = new Echo();
            CountDownLatch sent = new CountDownLatch(1);
            HttpServer server = serve(HttpHandler.on(elsewhere, (request, response) -> {
                assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
                response.header("X-One", "1").upgrade("echo", echo);
            }));
            Raw client = connect(server);
            client.send(REQUEST + "early").send("more");
            sent.countDown();
            assertThat(client.head() + "\n").isEqualTo(SWITCHED);
            assertThat(client.body(9)).isEqualTo("earlymore");
            client.close();
            until("it has gone", () -> server.connections() == 0);
            assertThat(echo.calls).containsExactly("open", "inputClosed ", "close");
        } finally {
            elsewhere.shutdown();
        }
    }

    @Test
    void aBodyIsReadBeforeTheUpgrade() throws Exception {
        Echo echo = new Echo();
        Raw client = connect(serve((request, response) -> {
            assertThatThrownBy(() -> response.upgrade("echo", echo))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("body");
            CompletableFuture<?> unused = request.readBody(10)
                    .thenAccept(body -> response.header("X-One", "1").upgrade("echo", echo));
        }));
        client.send(REQUEST.replace("GET", "POST").replace("Host:", "Content-Length: 3\nHost:") + "abcearly");
        assertThat(client.head() + "\n").isEqualTo(SWITCHED);
        assertThat(client.body(5)).isEqualTo("early");
    }

    @Test
    void aProtocolThatTheRequestDoesNotAskForIsRefused() throws Exception {
        Echo echo = new Echo();
        HttpServer server = serve((request, response) -> {
            assertThatThrownBy(() -> response.upgrade("echo", echo)).isInstanceOf(IllegalStateException.class);
            response.send("no");
        });
        for (String request : List.of(
                REQUEST.replace("HTTP/1.1", "HTTP/1.0"),
                REQUEST.replace("keep-alive, Upgrade", "keep-alive"),
                REQUEST.replace("Echo", "Echo2"),
                "GET / HTTP/1.1\nHost: x\n\n")) {
            Raw client = connect(server);
            client.send(request);
            assertThat(client.answer()).endsWith("no");
        }
        assertThat(echo.calls).isEmpty();
    }

    @Test
    void aDrainIsTheNewProtocols() throws Exception {
        Echo echo = new Echo();
        HttpServer server = serve(upgradeTo(echo));
        Raw client = connect(server);
        client.send(REQUEST);
        client.head();
        CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
        assertThat(client.rest()).isEqualTo("bye");
        client.close();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(echo.calls).containsExactly("open", "drain", "close");
    }

    @Test
    void aConnectionThatDrainsAlreadyIsPassedOnWithThat() throws Exception {
        Echo echo = new Echo();
        HttpServer server = serveLater((request, response) -> response.onDrain(() -> response.upgrade("echo", echo)));
        Raw client = connect(server);
        client.send(REQUEST);
        until("it is there", () -> server.connections() == 1);
        CountDownLatch handled = new CountDownLatch(1);
        loop().execute(handled::countDown);
        assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
        assertThat(client.rest()).startsWith("HTTP/1.1 101 ").endsWith("bye");
        client.close();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(echo.calls).containsExactly("open", "drain", "close");
    }

    @Test
    void aHandlerThatFailsToOpenEndsTheConnectionOnce() throws Exception {
        expectErrors();
        Echo echo = new Echo() {
            @Override
            public void onOpen(Connection connection) {
                super.onOpen(connection);
                throw new IllegalStateException("planted");
            }
        };
        HttpServer server = serve(upgradeTo(echo));
        Raw client = connect(server);
        client.send(REQUEST);
        assertThat(client.restOrReset()).startsWith("HTTP/1.1 101 ");
        client.close();
        until("it has gone", () -> server.connections() == 0);
        assertThat(echo.calls).containsExactly("open", "close");
        until("it is reported", () -> errors.size() == 1);
    }

    @Test
    void aConnectionThatEndsBeforeItIsPassedOnRunsOnClosed() throws Exception {
        Echo echo = new Echo();
        CountDownLatch closed = new CountDownLatch(1);
        HttpServer server = serve((request, response) -> {
            response.onClosed(closed::countDown);
            request.connection().abort();
            response.upgrade("echo", echo);
        });
        connect(server).send(REQUEST);
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        until("it has gone", () -> server.connections() == 0);
        assertThat(echo.calls).isEmpty();
    }

    @Test
    void theAccessLogHasTheUpgrade() throws Exception {
        List<Integer> statuses = new CopyOnWriteArrayList<>();
        options = options.withAccessLog((request, status, bytes, complete, nanos) -> statuses.add(status))
                .withResponseFilter((request, response) -> response.header("X-One", "1"));
        Raw client = connect(serve((request, response) -> response.upgrade("echo", new Echo())));
        client.send(REQUEST);
        assertThat(client.head() + "\n").isEqualTo(SWITCHED);
        until("it is logged", () -> statuses.equals(List.of(101)));
    }

    @Test
    void earlyHintsComeBeforeTheAnswerAndNotToOldClients() throws Exception {
        HttpServer server = serve((request, response) -> {
            response.earlyHints(List.of(new HttpField("Link", "</a.css>; rel=preload")))
                    .earlyHints(List.of())
                    .send("page");
            assertThatThrownBy(() -> response.earlyHints(List.of())).isInstanceOf(IllegalStateException.class);
        });
        Raw client = connect(server);
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).isEqualTo("HTTP/1.1 103 Early Hints\nLink: </a.css>; rel=preload\n");
        assertThat(client.head()).isEqualTo("HTTP/1.1 103 Early Hints\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").endsWith("page");
        Raw old = connect(server);
        old.send("GET / HTTP/1.0\n\n");
        assertThat(old.answer()).startsWith("HTTP/1.1 200 ").endsWith("page");
    }
}
