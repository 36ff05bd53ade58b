package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.http.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class HttpServerExampleTest {
    @TempDir
    Path dir;

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(dir.resolve("a.txt"), "of a file");
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .handler(HttpServerExample.routes(dir, 0))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
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
