package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.net.WriteResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies both ways, and answers from elsewhere. */
class BodyTest extends HttpCase {
    private final ExecutorService worker = Executors.newFixedThreadPool(2);

    @AfterEach
    void endWorker() {
        worker.shutdownNow();
    }

    static void echo(HttpRequest request, HttpResponse response) {
        CompletableFuture<?> unused = request.readBody(1 << 20).whenComplete((body, failure) -> {
            if (failure != null) {
                response.fail(failure);
            } else {
                response.send(new String(body, StandardCharsets.ISO_8859_1) + request.trailers());
            }
        });
    }

    @Test
    void bodiesOfEitherFramingAreRead() throws IOException {
        Raw client = connect(serve(BodyTest::echo));
        client.send("""
                POST / HTTP/1.1
                Host: x
                Content-Length: 5

                helloPOST / HTTP/1.1
                Host: x
                Transfer-Encoding: chunked

                5;ext=1
                hello
                1
                !
                0
                Sum: 42

                GET / HTTP/1.1
                Host: x

                """);
        assertThat(client.answer()).endsWith("\n\nhello[]");
        assertThat(client.answer()).endsWith("\n\nhello![HttpField[name=Sum, value=42]]");
        assertThat(client.answer()).endsWith("\n\n[]");
    }

    @Test
    void aBodyInPiecesIsTheSameAsOneSentWhole() throws IOException {
        Raw client = connect(serve(BodyTest::echo));
        String request =
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n";
        for (int i = 1; i < request.length(); i++) {
            client.sendExactly(request.substring(0, i)).sendExactly(request.substring(i));
            assertThat(client.answer()).endsWith("\n\nabcde[HttpField[name=T, value=u]]");
        }
    }

    @Test
    void aClientThatExpectsItReceivesContinue() throws IOException {
        Raw client = connect(serve(BodyTest::echo));
        for (int i = 0; i < 2; i++) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
            assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\n");
            client.send("hi");
            assertThat(client.answer()).endsWith("hi[]").doesNotContain("close");
        }
    }

    @Test
    void aClientThatIsRefusedDoesNotReceiveContinue() throws IOException {
        Raw client = connect(serve((request, response) -> response.error(403)));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 403 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aBodyThatIsNotRequestedIsSkipped() throws IOException {
        Raw client = connect(serve((request, response) -> response.send("ok")));
        String body = "x".repeat(100_000);
        for (int i = 0; i < 3; i++) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 100000\n\n").sendExactly(body);
            assertThat(client.answer()).endsWith("ok").doesNotContain("close");
        }
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 1000000\n\n");
        assertThat(client.answer()).endsWith("ok").contains("Connection: close");
    }

    @Test
    void aBodyThatIsTooLongIsRefusedWhileItComes() throws IOException {
        options = options.withMaxBodyBytes(10);
        Raw client = connect(serve(BodyTest::echo));
        client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n8\n12345678\n8\n12345678\n0\n\n");
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aMalformedBodyEndsTheConnectionAndNothingInItIsTakenForARequest() throws IOException {
        AtomicInteger handled = new AtomicInteger();
        Raw client = connect(serve((request, response) -> {
            handled.incrementAndGet();
            echo(request, response);
        }));
        client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\nGET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 400 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
        assertThat(handled).hasValue(1);
    }

    @Test
    void aBodyThatIsCutShortFails() throws IOException {
        Raw client = connect(serve(BodyTest::echo));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\nhel").endOutput();
        assertThat(client.restOrReset()).doesNotContain("200 OK");
    }

    @Test
    void aPausedBodyIsNotReadAndNothingIsLost() throws Exception {
        options = options.withMaxBodyBytes(Long.MAX_VALUE);
        long length = 30_000_000;
        AtomicLong taken = new AtomicLong();
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<@Nullable HttpRequest> paused = new AtomicReference<>(null);
        HttpServer server = serve((request, response) -> request.body(new BodyReader() {
            @Override
            public void onData(ByteBuffer bytes) {
                taken.addAndGet(bytes.remaining());
                request.pauseBody();
                paused.set(request);
            }

            @Override
            public void onEnd() {
                ended.set(true);
                response.send("" + taken);
            }
        }));
        Raw client = connect(server);
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: " + length + "\n\n");
        Thread sender = new Thread(() -> {
            byte[] part = new byte[100_000];
            try {
                for (long sent = 0; sent < length; sent += part.length) {
                    client.socket.getOutputStream().write(part);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        sender.start();
        until("the first part has come", () -> taken.get() > 0);
        assertThat(taken.get()).isLessThan(1_000_000);
        Thread resumer = new Thread(() -> {
            while (!ended.get()) {
                HttpRequest next = paused.getAndSet(null);
                if (next != null) {
                    next.resumeBody();
                }
            }
        });
        resumer.start();
        assertThat(client.answer()).endsWith("\n\n" + length);
        sender.join();
        resumer.join();
    }

    @Test
    void answersFromElsewhereLeaveInTheOrderOfTheRequests() throws IOException {
        AtomicInteger turn = new AtomicInteger();
        HttpHandler onWorker = HttpHandler.on(worker, (request, response) -> response.send("worker " + request.path()));
        Raw client = connect(serveLater((request, response) -> {
            switch (turn.getAndIncrement() % 4) {
                case 0 -> onWorker.handle(request, response);
                case 1 -> response.send("loop " + request.path());
                case 2 ->
                    request.connection()
                            .loop()
                            .schedule(java.time.Duration.ofMillis(1), () -> response.send("timer " + request.path()));
                default -> {
                    CompletableFuture<?> unused = CompletableFuture.supplyAsync(() -> "future ", worker)
                            .thenAccept(text -> response.send(text + "!"));
                }
            }
        }));
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            all.append("GET /").append(i).append(" HTTP/1.1\nHost: x\n\n");
        }
        client.send(all.toString());
        for (int i = 0; i < 400; i += 4) {
            assertThat(client.answer()).endsWith("worker /" + i);
            assertThat(client.answer()).endsWith("loop /" + (i + 1));
            assertThat(client.answer()).endsWith("timer /" + (i + 2));
            assertThat(client.answer()).endsWith("future !");
        }
    }

    /** By reflection, because this is compiled for 17. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @Test
    void virtualThreadsAnswerInTheOrderOfTheRequests() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "there are no virtual threads before Java 21");
        ExecutorService threads = virtualThreads();
        try {
            Raw client = connect(serve(HttpHandler.on(threads, (request, response) -> {
                int number = Integer.parseInt(request.path().substring(1));
                boolean virtual = (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
                if (number % 3 == 0) {
                    // gives its carrier away amid the request
                    CompletableFuture.runAsync(() -> {}, worker).get(20, TimeUnit.SECONDS);
                }
                if (number % 2 == 0) {
                    response.send(request.path() + virtual);
                } else {
                    byte[] body = request.readBody(100).get(20, TimeUnit.SECONDS);
                    response.start();
                    response.write(ByteBuffer.wrap((request.path() + virtual).getBytes(StandardCharsets.US_ASCII)));
                    response.write(ByteBuffer.wrap(body));
                    response.end();
                }
            })));
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                all.append("GET /").append(i).append(" HTTP/1.1\nHost: x\n");
                all.append(i % 4 == 1 ? "Content-Length: 4\n\nbody" : "\n");
            }
            client.send(all.toString());
            for (int i = 0; i < 200; i++) {
                assertThat(client.answer()).endsWith("\n\n/" + i + "true" + (i % 4 == 1 ? "body" : ""));
            }
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aWorkerThatThrowsOrIsBusyIsAnsweredFor() throws Exception {
        expectErrors();
        Raw client = connect(serve(HttpHandler.on(worker, (request, response) -> {
            throw new IOException("planted");
        })));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(500);
        worker.shutdown();
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(503);
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.cause()).hasMessage("planted"));
    }

    @Test
    void anAnswerIsStreamedInChunksWithATrailer() throws IOException {
        Raw client = connect(serve((request, response) -> {
            response.header("X", "y").start();
            for (int i = 0; i < 3; i++) {
                response.write(ByteBuffer.wrap(("part" + i).getBytes(StandardCharsets.US_ASCII)));
            }
            response.write(ByteBuffer.wrap(new byte[20_000]));
            response.end(List.of(new HttpField("Sum", "42")));
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\nHEAD / HTTP/1.1\nHost: x\n\nGET / HTTP/1.0\n\n");
        assertThat(client.answer())
                .isEqualTo("HTTP/1.1 200 OK\nX: y\nTransfer-Encoding: chunked\n\npart0part1part2" + "\0".repeat(20_000)
                        + "\nSum: 42");
        assertThat(client.head()).contains("Transfer-Encoding: chunked");
        assertThat(client.rest()).contains("Connection: close\r\n").endsWith("part0part1part2" + "\0".repeat(20_000));
    }

    @Test
    void anAnswerOfAnnouncedLengthIsHeldToIt() throws IOException {
        expectErrors();
        List<Throwable> refused = new CopyOnWriteArrayList<>();
        HttpServer server = serve((request, response) -> {
            response.start(4);
            try {
                response.write(ByteBuffer.allocate(5));
            } catch (IllegalStateException e) {
                refused.add(e);
            }
            response.write(
                    ByteBuffer.wrap("four".getBytes(StandardCharsets.US_ASCII), 0, request.isPath("/all") ? 4 : 3));
            response.end();
        });
        Raw client = connect(server);
        client.send("GET /all HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).endsWith("\n\nfour");
        client.send("GET /less HTTP/1.1\nHost: x\n\n");
        assertThat(client.restOrReset()).doesNotEndWith("four");
        assertThat(refused).hasSize(2);
    }

    @Test
    void aStreamWaitsForItsClient() throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicBoolean waited = new AtomicBoolean();
        long length = 50_000_000;
        Raw client = connect(serve((request, response) -> {
            Runnable pump = new Runnable() {
                @Override
                public void run() {
                    while (written.get() < length) {
                        boolean goOn = response.write(ByteBuffer.allocate(50_000)) == WriteResult.CONTINUE;
                        written.addAndGet(50_000);
                        if (!goOn) {
                            waited.set(true);
                            return;
                        }
                    }
                    response.end();
                }
            };
            response.onWritable(pump);
            response.start(length);
            pump.run();
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        client.head();
        until("the stream waits", waited::get);
        assertThat(written.get()).isLessThan(length);
        assertThat(client.body((int) length)).hasSize((int) length);
    }

    @Test
    void aHandlerHearsThatItsClientHasGone() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Raw client = connect(serveLater((request, response) -> {
            response.onClosed(gone::countDown);
            begun.countDown();
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        client.socket.setSoLinger(true, 0);
        client.close();
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theClientOfTheJdkIsServed() throws Exception {
        options = options.withMaxBodyBytes(10_000_000);
        HttpServer server = serve(HttpHandler.on(
                worker,
                HttpHandler.async((request, response) -> request.readBody(10_000_000)
                        .thenAcceptAsync(
                                body -> {
                                    response.start();
                                    for (int at = 0; at < body.length; at += 10_000) {
                                        response.write(ByteBuffer.wrap(body, at, Math.min(10_000, body.length - at)));
                                    }
                                    response.end();
                                },
                                worker))));
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        byte[] body = new byte[3_000_000];
        new java.util.Random(1).nextBytes(body);
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        for (boolean chunked : new boolean[] {false, true}) {
            for (boolean expects : new boolean[] {false, true}) {
                var answer = client.send(
                        java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .expectContinue(expects)
                                .POST(
                                        chunked
                                                ? BodyPublishers.ofInputStream(() -> stream(body))
                                                : BodyPublishers.ofByteArray(body))
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(java.util.Arrays.equals(answer.body(), body)).isTrue();
            }
        }
    }

    private static InputStream stream(byte[] body) {
        return new java.io.ByteArrayInputStream(body);
    }
}
