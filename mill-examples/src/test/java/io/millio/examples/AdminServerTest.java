package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class AdminServerTest {
    private final EventLoopGroup loops =
            EventLoop.builder().direct().name("observed").buildGroup(2);

    private AdminServer admin;
    private int port;

    @BeforeEach
    void start() throws IOException {
        admin = new AdminServer(0, loops::dump);
        port = admin.localAddress().getPort();
    }

    @AfterEach
    void stop() {
        admin.close();
        loops.close();
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket(admin.localAddress().getAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private String get(String path, String host) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nConnection: close\r\nHost: " + host);
    }

    @Test
    void itListensOnTheLoopbackAddressOnly() {
        assertThat(admin.localAddress().getAddress().isLoopbackAddress()).isTrue();
        assertThat(admin.describe()).isEqualTo(", admin on 127.0.0.1:" + port);
    }

    @Test
    void itDescribesEveryLoop() throws IOException {
        assertThat(get("/dump", "localhost:" + port))
                .startsWith("HTTP/1.1 200 ")
                .contains("Content-Type: text/plain")
                .contains(loops.loops().get(0).toString(), loops.loops().get(1).toString());
    }

    @Test
    void itAnswersWhileALoopIsStuck() throws Exception {
        loops.start();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        loops.loops().get(0).execute(() -> {
            stuck.countDown();
            try {
                assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stuck.await();
        assertThat(get("/dump", "127.0.0.1:" + port)).startsWith("HTTP/1.1 200 ");
        end.countDown();
    }

    @Test
    void itAnswersToNamesOfThisMachineOnly() throws IOException {
        for (String host : new String[] {"127.0.0.1", "LocalHost", "[::1]"}) {
            assertThat(get("/dump", host + ":" + port)).as(host).startsWith("HTTP/1.1 200 ");
        }
        for (String host : new String[] {
            "example.com", "example.com:" + port, "localhost", "localhost:1", "localhost.:" + port, "10.0.0.1:" + port,
        }) {
            assertThat(get("/dump", host)).as(host).startsWith("HTTP/1.1 421 ").doesNotContain("observed");
        }
        assertThat(ask("GET /dump HTTP/1.0")).startsWith("HTTP/1.1 421 ");
        assertThat(ask("GET http://example.com/dump HTTP/1.1\r\nConnection: close\r\nHost: localhost:" + port))
                .startsWith("HTTP/1.1 421 ");
    }

    @Test
    void itAnswersGetAlone() throws IOException {
        assertThat(ask("POST /dump HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\nHost: localhost:" + port))
                .startsWith("HTTP/1.1 405 ");
        assertThat(get("/", "localhost:" + port)).startsWith("HTTP/1.1 404 ");
    }
}
