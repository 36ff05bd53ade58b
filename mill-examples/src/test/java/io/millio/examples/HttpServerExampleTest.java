package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class HttpServerExampleTest {
    @TempDir
    Path dir;

    private final EventLoopGroup loops = EventLoop.builder().direct().buildGroup(1);
    private final CountDownLatch logged = new CountDownLatch(2);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(dir.resolve("a.txt"), "of a file");
        ServedMetrics metrics = new ServedMetrics();
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loops(loops)
                .options(HttpOptions.DEFAULT.withAccessLog(
                        metrics.accessLog((request, status, bodyBytes, complete, nanos) -> logged.countDown())))
                .handler(HttpServerExample.routes(dir, 0, metrics.handler(loops), true))
                .start();
        metrics.bind(server, loops);
        loops.start();
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
    }

    private String ask(String line, String rest) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
            socket.setSoTimeout(20_000);
            String request = line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + rest;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void itAnswersAsItSays() throws IOException {
        assertThat(ask("GET /plaintext", "\r\n")).endsWith("\r\n\r\nHello, World!");
        assertThat(ask("GET /json", "\r\n")).contains("Content-Type: application/json\r\n");
        assertThat(ask("GET /health", "\r\n")).endsWith("\r\n\r\nok\n");
        assertThat(ask("GET /files/a.txt", "\r\n")).endsWith("\r\n\r\nof a file");
        assertThat(ask("GET /none", "\r\n")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void itServesItsMetrics() throws Exception {
        assertThat(ask("GET /stream/1", "\r\n")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("GET /stream/2", "\r\n")).startsWith("HTTP/1.1 200 ");
        logged.await();
        assertThat(ask("GET /metrics", "\r\n"))
                .contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .contains("http_server_requests_seconds_count{method=\"GET\",outcome=\"SUCCESS\",status=\"200\","
                        + "uri=\"/stream/{bytes}\"} 2\n")
                .contains("\nmillio_loop_turns_total{name=\"" + loops.loops().get(0) + "\"} ")
                .contains("\nmillio_server_connections{name=\"http-server\"} ");
    }

    @Test
    void itSumsUploads() throws IOException {
        assertThat(ask("POST /upload", "Content-Length: 9\r\n\r\n123456789"))
                .endsWith("{\"bytes\":9,\"crc32\":\"cbf43926\"}\n");
    }

    @Test
    void itStreamsAsManyBytesAsAreAskedFor() throws IOException {
        assertThat(ask("GET /stream/1000000", "\r\n"))
                .hasSizeGreaterThan(1_000_000)
                .endsWith("\r\n0\r\n\r\n");
        assertThat(ask("GET /stream/x", "\r\n")).startsWith("HTTP/1.1 400 ");
    }
}
