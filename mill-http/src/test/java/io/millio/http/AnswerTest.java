package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of an answer: who may write it, until when, and what all answers have in common. */
class AnswerTest extends HttpCase {
    private static final String GET = "GET / HTTP/1.1\nHost: x\n\n";

    private final ExecutorService elsewhere = Executors.newCachedThreadPool();

    @TempDir
    private Path directory;

    @AfterEach
    void endThreads() throws InterruptedException {
        elsewhere.shutdown();
        assertThat(elsewhere.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    // ---- requests are objects of their own

    @Test
    void aLateAnswerReachesNoOtherRequest() throws Exception {
        BlockingQueue<HttpResponse> kept = new LinkedBlockingQueue<>();
        BlockingQueue<HttpRequest> requests = new LinkedBlockingQueue<>();
        HttpServer server = serveLater((request, response) -> {
            requests.add(request);
            if (request.isPath("/first")) {
                kept.add(response);
                response.send("first");
            } else {
                kept.add(response);
            }
        });
        Raw first = connect(server);
        first.send("GET /first HTTP/1.1\nHost: x\nX-Secret: 1\n\n");
        assertThat(first.answer()).endsWith("first");
        HttpResponse late = kept.take();
        HttpRequest old = requests.take();
        Raw second = connect(server);
        second.send("GET /second HTTP/1.1\nHost: x\nX-Secret: 2\n\n");
        HttpResponse open = kept.take();

        assertThat(late.isStarted()).isTrue();
        assertThatThrownBy(() -> late.send("stray")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> late.header("X-Stray", "1")).isInstanceOf(IllegalStateException.class);
        assertThat(old.header("X-Secret")).isEqualTo("1");
        assertThat(old.target()).isEqualTo("/first");
        open.send("second");
        assertThat(second.answer()).endsWith("second").doesNotContain("X-Stray");
    }

    @Test
    void aRequestMayBeReadByAnotherThread() throws IOException {
        Raw client = connect(serveLater((request, response) -> elsewhere.execute(() -> {
            List<String> all = request.queryParameters("q");
            response.send(
                    request.method() + request.path() + all + request.queryParameter("none") + request.header("X-One"));
        })));
        client.send("PUT /a?q=1&x=2&q=a%20b HTTP/1.1\nHost: x\nX-One: 1\n\n");
        assertThat(client.answer()).endsWith("\n\nPUT/a[1, a b]null1");
    }

    // ---- answers that are forgotten

    @Test
    void aHandlerThatForgetsTheAnswerIsAnsweredFor() throws Exception {
        expectErrors();
        Raw client = connect(serve((request, response) -> {}));
        client.send(GET);
        assertThat(client.status()).isEqualTo(500);
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors.get(0).cause()).hasMessageContaining("later()");
        assertThat(errors.get(0).subject()).hasToString("GET /");
    }

    @Test
    void aHandlerElsewhereThatForgetsTheAnswerIsAnsweredFor() throws IOException {
        expectErrors();
        Raw client = connect(serve(HttpHandler.on(elsewhere, (request, response) -> {})));
        client.send(GET);
        assertThat(client.status()).isEqualTo(500);
    }

    @Test
    void aHandlerElsewhereMayWaitForTheBody() throws IOException {
        Raw client = connect(serve(HttpHandler.on(
                elsewhere,
                (request, response) -> response.send(request.readBody(10).get()))));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc");
        assertThat(client.answer()).endsWith("\n\nabc");
    }

    @Test
    void aFutureOfTheBodyWhoseDependentThrowsIsAnsweredFor() throws IOException {
        expectErrors();
        Raw client = connect(serve((request, response) -> {
            CompletableFuture<?> unused = request.readBody(10).thenAccept(body -> {
                throw new IllegalStateException("planted");
            });
        }));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc");
        assertThat(client.status()).isEqualTo(500);
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 11\n\n"); // and of one that is too long
        assertThat(client.status()).isEqualTo(500);
    }

    @Test
    void aStageThatFailsIsAnsweredAndReported() throws Exception {
        expectErrors();
        Raw client = connect(serve(
                HttpHandler.async((request, response) -> request.readBody(10).thenApply(body -> {
                    throw new IllegalStateException("planted");
                }))));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc");
        assertThat(client.status()).isEqualTo(500);
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors.get(0).cause()).hasMessage("planted");
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 11\n\n01234567890");
        assertThat(client.status()).isEqualTo(413);
        assertThat(errors).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStageThatCompletesWithoutTheEndOfAnAnswerIsAnError(boolean started) throws Exception {
        expectErrors();
        Raw client = connect(serve(HttpHandler.async((request, response) -> {
            if (started) {
                response.start(3);
            }
            return CompletableFuture.completedFuture(null);
        })));
        client.send(GET);
        if (started) {
            client.restOrReset(); // there is an end
        } else {
            assertThat(client.status()).isEqualTo(500);
        }
        until("it is reported", () -> !errors.isEmpty());
    }

    // ---- what all answers have in common

    private static void answerBy(HttpRequest request, HttpResponse response) throws HttpException {
        response.header("X-Request", "7").addHeader("X-Request", "8");
        switch (request.path()) {
            case "/whole" -> response.send("whole");
            case "/prepared" -> response.contentType("text/html").send(PreparedResponse.text("prepared"));
            case "/error" -> response.error(404);
            case "/exception" -> throw new HttpException(403, "planned");
            case "/streamed" -> {
                response.start();
                response.end();
            }
            default -> throw new AssertionError(request.path());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"whole", "prepared", "error", "exception", "streamed"})
    void everyAnswerHasTheFieldsOfTheFilterAndTheHandler(String way) throws IOException {
        options = options.withResponseFilter((request, response) ->
                response.header("X-Filter", "" + response.status()).removeHeader("X-Gone"));
        Raw client = connect(serve((request, response) -> {
            response.header("X-Gone", "1");
            answerBy(request, response);
        }));
        client.send("GET /" + way + " HTTP/1.1\nHost: x\n\n");
        String answer = client.answer();
        assertThat(answer)
                .contains("X-Filter: " + answer.substring(9, 12) + "\n")
                .contains("X-Request: 7\nX-Request: 8\n")
                .doesNotContain("X-Gone", "html");
        assertThat(answer.split("Content-Type", -1)).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void refusalsPassTheFilterTheRendererAndTheListener() throws Exception {
        List<String> refusals = new CopyOnWriteArrayList<>();
        options = options.withMaxBodyBytes(10)
                .withResponseFilter((request, response) -> response.header("X-Filter", "1"))
                .withErrorRenderer((request, response, status, failure) -> {
                    response.contentType("application/json");
                    return ("{\"status\":" + status + "}").getBytes(StandardCharsets.US_ASCII);
                })
                .withRefusalListener((request, status, reason) -> refusals.add(request + " " + status + " " + reason));
        HttpServer server = serve((request, response) -> response.error(404));
        for (String request : List.of(
                "GET /a HTTP/1.1\nHost: x\nbad name: 1\n\n",
                "HEAD /b HTTP/1.1\n\n",
                "POST /c HTTP/1.1\nHost: x\nContent-Length: 11\n\n",
                "nonsense\n\n")) {
            Raw client = connect(server);
            client.send(request);
            assertThat(client.head()).contains("X-Filter: 1\n", "application/json", "Connection: close");
            assertThat(client.endOutput().rest())
                    .isEqualTo(
                            request.startsWith("HEAD")
                                    ? ""
                                    : "{\"status\":" + (request.startsWith("POST") ? 413 : 400) + "}");
        }
        assertThat(refusals)
                .containsExactly(
                        "GET /a 400 the name of a field is malformed",
                        "HEAD /b 400 the Host field is missing",
                        "POST /c 413 the body of 11 bytes is longer than 10",
                        "  400 the method is malformed");
        Raw client = connect(server);
        client.send(GET);
        assertThat(client.answer()).startsWith("HTTP/1.1 404 ").endsWith("{\"status\":404}");
        Raw redirected = connect(serve((request, response) -> response.error(301)));
        redirected.send(GET);
        assertThat(redirected.answer()).startsWith("HTTP/1.1 301 ").endsWith("\n\n301 Moved Permanently\n");
    }

    @Test
    void aRefusedHeadHasNothingOfTheRequestBefore() throws IOException {
        List<String> refusals = new CopyOnWriteArrayList<>();
        options = options.withRefusalListener((request, status, reason) ->
                refusals.add(request.method() + request.target() + request.minorVersion() + request.fields()));
        Raw client = connect(serve((request, response) -> response.send("ok")));
        client.send("GET /before HTTP/1.0\nConnection: keep-alive\nX: y\n\nnonsense\n\n");
        assertThat(client.status()).isEqualTo(200);
        assertThat(client.status()).isEqualTo(400);
        assertThat(refusals).containsExactly("1[]");
    }

    @Test
    void aFilterOrRendererThatThrowsIsReportedAndTheAnswerSent() throws Exception {
        expectErrors();
        options = options.withResponseFilter((request, response) -> {
                    throw new IllegalStateException("filter");
                })
                .withErrorRenderer((request, response, status, failure) -> {
                    response.contentType("application/json");
                    throw new IllegalStateException("renderer");
                });
        Raw client = connect(serve((request, response) -> response.error(404)));
        client.send(GET);
        assertThat(client.answer())
                .startsWith("HTTP/1.1 404 ")
                .contains("\nContent-Type: text/plain\n")
                .endsWith("404 Not Found\n");
        until("both are reported", () -> errors.size() == 2);
    }

    @Test
    void aFieldIsSetAddedReadAndRemoved() throws IOException {
        Raw client = connect(serve((request, response) -> {
            response.contentType("a/b")
                    .contentType("c/d")
                    .addHeader("Set-Cookie", "1")
                    .addHeader("set-cookie", "2");
            request.attribute("user", 7);
            String read = response.header("CONTENT-TYPE")
                    + response.header("X-None")
                    + request.attribute("user")
                    + request.attribute("none");
            response.header("X-Gone", "1").removeHeader("x-gone").send(read);
        }));
        client.send(GET);
        assertThat(client.answer()).isEqualTo("""
                HTTP/1.1 200 OK
                Content-Type: c/d
                Set-Cookie: 1
                set-cookie: 2
                Content-Length: 12

                c/dnull7null""");
    }

    // ---- refusals while another answers

    /** The body is malformed, which the loop finds while the handler is about to answer on another thread. */
    @Test
    void aPeerCannotMakeAHandlerFail() throws Exception {
        for (int i = 0; i < 50; i++) {
            CountDownLatch refused = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(1);
            options = HttpOptions.DEFAULT.withRefusalListener((request, status, reason) -> refused.countDown());
            HttpServer server = serve(HttpHandler.on(elsewhere, (request, response) -> {
                try {
                    request.body(new BodyReader() {
                        @Override
                        public void onData(ByteBuffer bytes) {}

                        @Override
                        public void onEnd() {}
                    });
                    assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
                    response.status(201)
                            .header("X-Late", "1")
                            .addHeader("X-Late", "2")
                            .removeHeader("X-Late");
                    response.closeConnection().send("late");
                    response.send(PreparedResponse.text("late"));
                    response.error(404);
                    response.start();
                    assertThat(response.write(ByteBuffer.wrap(new byte[10]))).isEqualTo(WriteResult.CLOSED);
                    response.end();
                    response.sendFile(directory.resolve("none"));
                    response.fail(new HttpException(400, "late"));
                } finally {
                    done.countDown();
                }
            }));
            Raw client = connect(server);
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nnonsense\n");
            assertThat(client.answer()).startsWith("HTTP/1.1 400 ").doesNotContain("X-Late");
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(client.endOutput().rest()).isEmpty();
        }
    }

    // ---- files and large answers

    @Test
    void aFileIsLookedAtBeforeTheHeadIsSent() throws Exception {
        expectErrors();
        Path file = Files.writeString(directory.resolve("file"), "0123456789");
        Raw client = connect(serve((request, response) -> {
            switch (request.path()) {
                case "/none" -> response.sendFile(directory.resolve("none"));
                case "/directory" -> response.sendFile(directory);
                case "/short" -> response.sendFile(file, 5, 6);
                case "/part" -> response.sendFile(file, 5, 5);
                default -> response.sendFile(file);
            }
        }));
        for (String each : List.of("none 404", "directory 404", "short 500", "part 200", "all 200")) {
            String[] parts = each.split(" ", 2);
            client.send("GET /" + parts[0] + " HTTP/1.1\nHost: x\n\n");
            String answer = client.answer();
            assertThat(answer).startsWith("HTTP/1.1 " + parts[1]);
            if (parts[1].equals("200")) {
                assertThat(answer).endsWith(parts[0].equals("part") ? "\n\n56789" : "\n\n0123456789");
            }
        }
        assertThat(errors).hasSize(1);
    }

    @Test
    void aFileThatGrowsIsSentAsLongAsItWas() throws Exception {
        Path file = Files.writeString(directory.resolve("log"), "line\n");
        FileState found =
                FileState.of(file, Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class));
        Files.writeString(file, "more\n", StandardOpenOption.APPEND);
        Raw client = connect(serve((request, response) -> response.answer.send(found, 0, found.size())));
        client.send(GET);
        assertThat(client.answer()).endsWith("\n\nline\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWholeAnswerMayBeLargerThanTheConnectionQueues(boolean fromElsewhere) throws Exception {
        byte[] large = new byte[40 << 20];
        new java.util.Random(1).nextBytes(large);
        HttpHandler handler = (request, response) -> {
            byte[] copy = large.clone();
            response.send(copy);
            java.util.Arrays.fill(copy, (byte) 0); // it has been taken
        };
        Raw client = connect(serve(fromElsewhere ? HttpHandler.on(elsewhere, handler) : handler));
        client.send(GET + GET);
        for (int i = 0; i < 2; i++) {
            assertThat(client.head()).contains("Content-Length: " + large.length + "\n");
            CRC32 sum = new CRC32();
            sum.update(client.body(large.length).getBytes(StandardCharsets.ISO_8859_1));
            CRC32 expected = new CRC32();
            expected.update(large);
            assertThat(sum.getValue()).isEqualTo(expected.getValue());
        }
    }

    @Test
    void aClientThatLeavesALargeAnswerEndsIt() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        HttpServer server = serve((request, response) -> {
            response.onClosed(closed::countDown);
            response.send(new byte[40 << 20]);
        });
        Raw client = connect(server);
        client.send(GET);
        client.head();
        client.close();
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        until("it has gone", () -> server.connections() == 0);
    }

    @Test
    void anAnswerAfterATimeoutOfTheResponseDoesNothing() throws Exception {
        expectErrors();
        options = options.withResponseTimeout(Duration.ofMillis(50));
        CompletableFuture<HttpResponse> kept = new CompletableFuture<>();
        Raw client = connect(serveLater((request, response) -> kept.complete(response)));
        client.send(GET);
        assertThat(client.status()).isEqualTo(503);
        kept.join().send("late");
        assertThat(client.endOutput().rest()).isEmpty();
    }
}
