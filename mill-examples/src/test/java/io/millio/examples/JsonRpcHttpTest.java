package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.examples.jsonrpc.RpcHttp;
import io.millio.http.HttpHandler;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import io.millio.task.Priority;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The service over HTTP. */
class JsonRpcHttpTest extends JsonRpcCase {
    private static final Set<String> HOSTS = Set.of("127.0.0.1", "x");

    private HttpServer serve(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .options(HttpOptions.DEFAULT.withMaxBodyBytes(MAX_MESSAGE))
                .handler(handler)
                .start();
        loop.start();
        return server;
    }

    @Test
    void overHttpAnAnswerIsABodyAndNoAnswerIsNone() throws Exception {
        try (HttpServer server =
                serve(Router.builder().post("/", new RpcHttp(service, 1, HOSTS)).build())) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            assertThat(post(port, "application/json; charset=utf-8", call("add", "[1,2]", 1)))
                    .isEqualTo("200 application/json " + result("3", 1));
            permits.release(2);
            assertThat(post(port, "Application/JSON", "[" + call("wait", "[]", 1) + "," + call("wait", "{}", 2) + "]"))
                    .contains(result("\"waited\"", 1))
                    .contains(result("\"waited\"", 2));
            assertThat(post(port, "application/json", "{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}"))
                    .isEqualTo("204 null ");
            assertThat(post(port, "application/json", "{\"jsonrpc\":"))
                    .startsWith("200 ")
                    .contains("-32700");
            assertThat(post(port, "application/json", "[".repeat(10_000))).contains("-32600");
            assertThat(post(port, "application/json", " ".repeat(MAX_MESSAGE + 1)))
                    .startsWith("413 ");
            assertThat(post(port, "text/plain", call("add", "[1,2]", 1))).startsWith("415 ");
            assertThat(ask(port, "GET", "application/json", "")).startsWith("405 ");
        }
    }

    @Test
    void requestsForOtherHostsAreRefused() throws Exception {
        try (HttpServer server = serve(new RpcHttp(service, 1, Set.of("127.0.0.1", "[::1]")))) {
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            String body = call("add", "[1,2]", 1);
            for (String host : List.of("evil.example", "127.0.0.1.evil.example:80", "[::2]", "X")) {
                assertThat(answerFor(host, at, body)).as(host).startsWith("HTTP/1.1 421 ");
            }
            for (String host : List.of("127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80")) {
                assertThat(answerFor(host, at, body)).as(host).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static String answerFor(String host, InetSocketAddress at, String body) throws IOException {
        try (Socket client = new Socket(at.getAddress(), at.getPort())) {
            send(
                    client,
                    "POST / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void numbersAreCopiedExactly() throws Exception {
        try (HttpServer server = serve(new RpcHttp(service, 1, HOSTS))) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            String numbers = "[0.1234567890123456789012345,1E+400,12345678901234567890123456]";
            assertThat(post(port, "application/json", call("echo", numbers, 1))).endsWith(result(numbers, 1));
        }
    }

    @Test
    void overHttpNoMoreCallsOfABatchRunAtOnceThanAreAllowed() throws Exception {
        try (HttpServer server = serve(new RpcHttp(service, 1, HOSTS))) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return post(port, "application/json", batchOfWaits(5));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            letRunOneByOne(5);
            assertThat(answer.get()).startsWith("200 ").contains(result("\"waited\"", 4));
        }
    }

    @Test
    void callsOfARequestThatHasGoneAreNotBegun() throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        try (HttpServer server = serve(new RpcHttp(service, threads + 1, HOSTS))) {
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            String body = batchOfWaits(threads + 5);
            try (Socket client = new Socket(at.getAddress(), at.getPort())) {
                send(
                        client,
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body);
                awaitBegun(threads);
                client.setSoLinger(true, 0);
            }
            while (server.connections() > 0) {
                Thread.onSpinWait();
            }
            assertThat(submitted()).isEqualTo(threads + 1);
            permits.release(threads + 5);
            awaitNoneRunning();
            CompletableFuture<Void> after = new CompletableFuture<>();
            CompletableFuture<?> unused =
                    loop.compute(Priority.NORMAL, () -> 0).whenComplete((none, failure) -> after.complete(null));
            after.get();
            assertThat(begun.get()).isEqualTo(threads);
        }
    }

    private static String post(int port, String type, String body) throws IOException {
        return ask(port, "POST", type, body);
    }

    private static String ask(int port, String method, String type, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
        connection.setReadTimeout(30_000);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Content-Type", type);
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return status + " " + connection.getContentType() + " "
                    + new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
