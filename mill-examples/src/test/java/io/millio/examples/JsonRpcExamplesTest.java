package io.millio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.examples.cli.Console;
import io.millio.examples.jsonrpc.ExampleMethods;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.JsonRpc;
import io.millio.examples.jsonrpc.RpcConnections;
import io.millio.examples.jsonrpc.RpcHttp;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import io.millio.net.TcpServer;
import io.millio.task.Priority;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JsonRpcExamplesTest {
    private static final int MAX_MESSAGE = 100_000;

    private final Semaphore permits = new Semaphore(0);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final JsonRpc service = ExampleMethods.addTo(JsonRpc.builder())
            .maxMessageBytes(MAX_MESSAGE)
            .slowMethod("wait", (params, result) -> {
                begun.incrementAndGet();
                mostAtOnce.accumulateAndGet(running.incrementAndGet(), Math::max);
                permits.acquire();
                running.decrementAndGet();
                result.writeString("waited");
            })
            .build();
    private final EventLoop loop = EventLoop.lowLatency();

    @AfterEach
    void close() {
        permits.release(1 << 20);
        loop.close();
    }

    private TcpServer serve(Framing framing, int maxInFlight) throws IOException {
        RpcConnections connections = new RpcConnections(service, framing, maxInFlight);
        TcpServer server = TcpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .options(connections.options())
                .handlers(connections::newHandler)
                .start();
        loop.start();
        return server;
    }

    private static Socket connect(TcpServer server) throws IOException {
        InetSocketAddress at = (InetSocketAddress) server.localAddress();
        Socket socket = new Socket(at.getAddress(), at.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static String call(String method, String params, int id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + ",\"id\":" + id + "}";
    }

    private static String result(String value, int id) {
        return "{\"jsonrpc\":\"2.0\",\"result\":" + value + ",\"id\":" + id + "}";
    }

    private static void send(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Socket from) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = from.getInputStream();
        for (int each; (each = in.read()) != '\n'; ) {
            if (each < 0) {
                return line + "(end)";
            }
            line.append((char) each);
        }
        return line.toString();
    }

    @Test
    void callsByLinesAreAnsweredByLinesInOrder() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            int calls = 5_000;
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < calls; i++) {
                        send(client, call("add", "[" + i + ",1]", i) + (i % 2 == 0 ? "\n" : "\r\n"));
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            sent.get();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                expected.add(result("" + (i + 1), i));
            }
            assertThat(all.lines().toList()).isEqualTo(expected);
            assertThat(all).endsWith("\n");
        }
    }

    @Test
    void callsByLengthAreAnsweredByLength() throws Exception {
        try (TcpServer server = serve(Framing.LENGTH, 64);
                Socket client = connect(server)) {
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (String text : List.of("x", "y\n".repeat(10).replace("\n", "\\n"), "z".repeat(90_000))) {
                byte[] message =
                        ("\n" + call("echo", "[\n\"" + text + "\"]", 1) + "\n").getBytes(StandardCharsets.UTF_8);
                out.writeInt(message.length);
                out.write(message);
                assertThat(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8))
                        .isEqualTo(result("[\"" + text + "\"]", 1));
            }
        }
    }

    @Test
    void slowCallsOverOneConnectionRunAtOnceAndHoldUpNoOther() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            send(client, call("wait", "[]", 1) + "\n" + call("wait", "[]", 2) + "\n" + call("add", "[1,2]", 3) + "\n");
            assertThat(line(client)).isEqualTo(result("3", 3));
            permits.release(2);
            assertThat(List.of(line(client), line(client)))
                    .containsExactlyInAnyOrder(result("\"waited\"", 1), result("\"waited\"", 2));
        }
    }

    @Test
    void whileTooManyCallsAreUnderWayNoMoreIsRead() throws Exception {
        int calls = 50;
        try (TcpServer server = serve(Framing.LINE, 3);
                Socket client = connect(server)) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < calls; i++) {
                all.append(call("wait", "[]", i)).append('\n');
            }
            send(client, all + call("add", "[1,2]", 99) + "\n");
            client.shutdownOutput();
            while (loop.computePool().stats().submitted() < 3) {
                Thread.onSpinWait();
            }
            // What was read has been looked at: the next turn finds no more than three of them under way.
            CountDownLatch turns = new CountDownLatch(1);
            loop.execute(() -> loop.execute(turns::countDown));
            turns.await();
            assertThat(loop.computePool().stats().submitted()).isEqualTo(3);

            permits.release(calls);
            String answers = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers.lines()).hasSize(calls + 1).contains(result("3", 99));
        }
    }

    private String batchOfWaits(int calls) {
        return IntStream.range(0, calls)
                .mapToObj(id -> call("wait", "[]", id))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** Ends each call when it has begun and the loop has had two turns, in which no other may have begun. */
    private void letRunOneByOne(int calls) throws InterruptedException {
        for (int i = 1; i <= calls; i++) {
            while (begun.get() < i) {
                Thread.onSpinWait();
            }
            CountDownLatch turns = new CountDownLatch(1);
            loop.execute(() -> loop.execute(turns::countDown));
            turns.await();
            assertThat(loop.computePool().stats().submitted()).isEqualTo(i);
            permits.release();
        }
    }

    @Test
    void noMoreCallsOfABatchRunAtOnceThanAreAllowedAndAllAreAnswered() throws Exception {
        int calls = 50;
        try (TcpServer server = serve(Framing.LINE, 1);
                Socket client = connect(server)) {
            send(client, batchOfWaits(calls) + "\n" + call("add", "[1,2]", 99) + "\n");
            letRunOneByOne(calls);
            String answer = line(client);
            for (int i = 0; i < calls; i++) {
                assertThat(answer).containsOnlyOnce(result("\"waited\"", i));
            }
            assertThat(line(client)).isEqualTo(result("3", 99));
            assertThat(mostAtOnce.get()).isEqualTo(1);
        }
    }

    @Test
    void waitingCallsOfAConnectionThatHasGoneAreNotBegun() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 1)) {
            try (Socket client = connect(server)) {
                send(client, batchOfWaits(10) + "\n");
                while (begun.get() < 1) {
                    Thread.onSpinWait();
                }
                client.setSoLinger(true, 0);
            }
            // Reading is paused, so only writing finds out; or the server closes it.
            CompletableFuture<Boolean> closed = server.close(Duration.ZERO);
            assertThat(closed.get()).isFalse();
            permits.release(10);
            while (running.get() > 0) {
                Thread.onSpinWait();
            }
            CountDownLatch turns = new CountDownLatch(1);
            loop.execute(() -> loop.execute(turns::countDown));
            turns.await();
            assertThat(begun.get()).isEqualTo(1);
        }
    }

    @Test
    void whatWaitsIsNotBegunInPlaceOfWhatIsCancelled() throws Exception {
        int threads = Runtime.getRuntime().availableProcessors();
        try (TcpServer server = serve(Framing.LINE, 1);
                Socket client = connect(server)) {
            List<Socket> others = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Socket other = connect(server);
                others.add(other);
                send(other, call("wait", "[]", i) + "\n");
            }
            while (begun.get() < threads) {
                Thread.onSpinWait(); // no thread is left
            }
            send(client, batchOfWaits(10) + "\n");
            while (loop.computePool().stats().submitted() < threads + 1) {
                Thread.onSpinWait();
            }
            assertThat(server.close(Duration.ZERO).get()).isFalse();
            assertThat(loop.computePool().stats().submitted()).isEqualTo(threads + 1);
            for (Socket other : others) {
                other.close();
            }
        }
    }

    @Test
    void whatIsUnderWayIsAnsweredWhenTheServerDrains() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            send(client, call("wait", "[]", 1) + "\n" + call("wait", "[]", 1) + "\n");
            while (loop.computePool().stats().submitted() < 2) {
                Thread.onSpinWait();
            }
            CompletableFuture<Boolean> drained = server.close(Duration.ofSeconds(30));
            for (int i = 0; i < 2; i++) {
                permits.release();
                assertThat(line(client)).isEqualTo(result("\"waited\"", 1));
            }
            assertThat(line(client)).isEqualTo("(end)");
            assertThat(drained.get()).isTrue();
        }
    }

    @Test
    void callsOfAConnectionThatHasGoneAreNotBegun() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 1000)) {
            int threads = Runtime.getRuntime().availableProcessors();
            try (Socket client = connect(server)) {
                for (int i = 0; i < threads + 20; i++) {
                    send(client, call("wait", "[]", i) + "\n");
                }
                while (begun.get() < threads) {
                    Thread.onSpinWait();
                }
                client.setSoLinger(true, 0);
            }
            while (server.connections() > 0) {
                Thread.onSpinWait();
            }
            permits.release(threads + 20);
            try (Socket other = connect(server)) {
                send(other, call("wait", "[]", 1) + "\n");
                permits.release();
                assertThat(line(other)).isEqualTo(result("\"waited\"", 1));
            }
            assertThat(begun.get()).isEqualTo(threads + 1);
        }
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void aMessageThatIsTooLongIsAnsweredAndEndsTheConnection(Framing framing) throws Exception {
        try (TcpServer server = serve(framing, 64);
                Socket client = connect(server)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    OutputStream out = client.getOutputStream();
                    byte[] part = new byte[64 * 1024];
                    Arrays.fill(part, (byte) 'x');
                    out.write(new byte[] {0x40, 0, 0, 0}); // as a length, 1 GiB
                    for (int i = 0; i < 200; i++) {
                        out.write(part);
                    }
                    client.shutdownOutput();
                } catch (IOException e) {
                    // closed meanwhile
                }
            });
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .contains("\"code\":-32600")
                    .contains("at most " + MAX_MESSAGE + " are allowed")
                    .endsWith("\"id\":null}" + (framing == Framing.LINE ? "\n" : ""));
            sending.get();
        }
    }

    @Test
    void brokenInputIsAnsweredAndTheConnectionGoesOn() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            for (String broken : List.of(
                    "{\"a\":", "\u00c3", "[".repeat(10_000), "[" + "1,".repeat(40_000) + "1]", "", "[]", "12")) {
                client.getOutputStream().write((broken + "\n").getBytes(StandardCharsets.ISO_8859_1));
                assertThat(line(client)).contains("\"error\":{\"code\":-32");
            }
            send(client, call("add", "[1,2]", 3) + "\n");
            assertThat(line(client)).isEqualTo(result("3", 3));
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        try (TcpServer server = serve(Framing.LINE, 64);
                Socket client = connect(server)) {
            String text = "\"" + "x".repeat(50_000) + "\"";
            int calls = 1_000;
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < calls; i++) {
                        send(client, call("echo", "[" + text + "]", i) + "\n");
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0; i < calls; i++) {
                assertThat(in.readLine()).isEqualTo(result("[" + text + "]", i));
            }
            sent.get();
        }
    }

    @Test
    void overHttpAnAnswerIsABodyAndNoAnswerIsNone() throws Exception {
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .options(HttpOptions.DEFAULT.withMaxBodyBytes(MAX_MESSAGE))
                .handler(Router.builder().post("/", new RpcHttp(service, 1)).build())
                .start()) {
            loop.start();
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
    void overHttpNoMoreCallsOfABatchRunAtOnceThanAreAllowed() throws Exception {
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .handler(new RpcHttp(service, 1))
                .start()) {
            loop.start();
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
        try (HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .handler(new RpcHttp(service, threads + 1))
                .start()) {
            loop.start();
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            String body = batchOfWaits(threads + 5);
            try (Socket client = new Socket(at.getAddress(), at.getPort())) {
                send(
                        client,
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body);
                while (begun.get() < threads) {
                    Thread.onSpinWait();
                }
                client.setSoLinger(true, 0);
            }
            while (server.connections() > 0) {
                Thread.onSpinWait();
            }
            assertThat(loop.computePool().stats().submitted()).isEqualTo(threads + 1);
            permits.release(threads + 5);
            while (running.get() > 0) {
                Thread.onSpinWait();
            }
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

    @ParameterizedTest
    @EnumSource(Framing.class)
    void theClientPrintsAResultOrAnError(Framing framing) throws Exception {
        try (TcpServer server = serve(framing, 64)) {
            String at = "127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort();
            String by = "--framing=" + framing;
            assertThat(run("jsonrpc-client", at, "subtract", "[42, 23]", by)).isEqualTo("0 19\n");
            assertThat(run("jsonrpc-client", at, "echo", "{\"a\": [1, null]}", by))
                    .isEqualTo("0 {\"a\":[1,null]}\n");
            assertThat(run("jsonrpc-client", at, "echo", by)).isEqualTo("0 null\n");
            assertThat(run("jsonrpc-client", at, "echo", "[1]", "--notify", by)).isEqualTo("0 ");
            assertThat(run("jsonrpc-client", at, "nothing", by))
                    .isEqualTo("1 jsonrpc-client: -32601 Method not found\n");
            assertThat(run("jsonrpc-client", at, "add", "[1]", by))
                    .startsWith("1 jsonrpc-client: -32602 Invalid params: they must be augend, addend");
            assertThat(run("jsonrpc-client", at, "echo", "[1", by)).startsWith("2 params: [1, must be JSON");
            assertThat(run("jsonrpc-client", at, "echo", "12", by)).startsWith("2 params: 12, must be an array");
        }
        assertThat(run("jsonrpc-client", "127.0.0.1", "echo")).startsWith("2 127.0.0.1 is not HOST:PORT");
    }

    private static String run(String... args) {
        StringWriter said = new StringWriter();
        Console console = new Console(new PrintWriter(said), new PrintWriter(said));
        return Main.run(console, args) + " " + said;
    }
}
