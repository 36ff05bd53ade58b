package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.http.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class ServiceTest {
    @TempDir
    Path folder;

    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        Service service = new Service(Service.syntax().parse());
        server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .options(Service.OPTIONS)
                .handler(service.handler(folder))
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Socket ask(String request) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        Socket socket = new Socket(at.getAddress(), at.getPort());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private String answer(String line, String rest) throws IOException {
        try (Socket socket = ask(line + " HTTP/1.1\nHost: x\nConnection: close\n" + rest)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void anUploadIsStoredServedAndPublished() throws Exception {
        try (Socket events = ask("GET /events HTTP/1.1\nHost: x\n\n");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(events.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(lines.readLine()).startsWith("HTTP/1.1 200 ");
            String stored = answer("POST /files", "Content-Length: 3\n\nabc");
            assertThat(stored).startsWith("HTTP/1.1 201 ").endsWith("\",\"bytes\":3}\n");
            String file = stored.substring(stored.indexOf("/files/"), stored.indexOf("\",\"bytes\""));
            assertThat(answer("GET " + file, "\n")).endsWith("\r\n\r\nabc");
            String line = lines.readLine();
            while (!line.startsWith("data: ")) {
                line = lines.readLine();
            }
            assertThat(line).contains(file);
            CompletableFuture<Boolean> drained = server.close(Duration.ofHours(1));
            while (lines.readLine() != null) {} // the drain ends the stream
            events.shutdownOutput();
            assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void errorsAreJson() throws Exception {
        assertThat(answer("GET /none", "\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("Content-Type: application/json\r\n")
                .contains("Access-Control-Allow-Origin: *\r\n")
                .endsWith("{\"status\":404}\n");
        assertThat(answer("GET /health", "\n")).endsWith("ok\n");
    }
}
