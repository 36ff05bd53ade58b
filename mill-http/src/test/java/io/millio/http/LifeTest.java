package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Timeouts, draining. */
class LifeTest extends HttpCase {
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void aHeadThatDoesNotComeInTimeIsAnswered408() throws IOException {
        options = options.withHeadTimeout(SHORT);
        Raw client = connect(serve(ServerTest::hello));
        client.send("GET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(200);
        client.send("GET /plaintext HT");
        assertThat(client.answer()).startsWith("HTTP/1.1 408 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsAnswered408() throws IOException {
        options = options.withBodyTimeout(SHORT);
        Raw client = connect(serve(BodyTest::echo));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nab");
        assertThat(client.answer()).startsWith("HTTP/1.1 408 ").contains("Connection: close\n");
        client.send("c").endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aBodyThatStopsWhenTheAnswerHasBegunEndsTheConnection() throws IOException {
        options = options.withBodyTimeout(SHORT);
        Raw client = connect(serve((request, response) -> {
            response.start();
            request.body(new BodyReader() {
                @Override
                public void onData(ByteBuffer bytes) {}

                @Override
                public void onEnd() {
                    response.end();
                }
            });
        }));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 3\n\nab");
        assertThat(client.restOrReset()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void anIdleConnectionIsClosedInSilence() throws IOException {
        options = options.withIdleTimeout(SHORT);
        HttpServer server = serve(ServerTest::hello);
        assertThat(connect(server).ends()).isTrue();
        Raw used = connect(server);
        used.send("GET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(used.status()).isEqualTo(200);
        assertThat(used.ends()).isTrue();
    }

    @Test
    void whatComesAfterARefusalMeetsNoReset() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("nonsense\n\n");
        assertThat(client.status()).isEqualTo(400);
        for (int i = 0; i < 100; i++) {
            client.sendExactly("more"); // would fail on a reset
        }
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aClientThatLeavesEndsTheRequestThatWaitsForAnAnswer() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch ended = new CountDownLatch(2);
        HttpServer server = serveLater((request, response) -> {
            response.onClosed(ended::countDown);
            if (request.isPath("/events")) {
                response.start();
            }
            begun.countDown();
        });
        Raw poll = connect(server);
        poll.send("GET /poll HTTP/1.1\nHost: x\n\n");
        Raw events = connect(server);
        events.send("GET /events HTTP/1.1\nHost: x\n\n");
        assertThat(await(begun)).isTrue();
        poll.close();
        events.close();
        assertThat(await(ended)).isTrue();
        until("they have gone", () -> server.connections() == 0);
    }

    /** Without a length or chunks, the end of the connection would be the end of the body. */
    @Test
    void halfAnAnswerDoesNotLookWholeToAClientThatHasEndedItsOutput() throws Exception {
        Raw client = connect(serve((request, response) -> {
            response.start();
            response.write(ByteBuffer.wrap("half".getBytes(StandardCharsets.US_ASCII)));
        }));
        client.send("GET / HTTP/1.0\n\n");
        client.head();
        assertThat(client.body(4)).isEqualTo("half");
        client.endOutput();
        assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
    }

    @Test
    void aRequestThatIsNeverAnsweredIsAnsweredWith503() throws Exception {
        expectErrors();
        options = options.withResponseTimeout(SHORT);
        HttpServer server = serveLater((request, response) -> {
            // never
        });
        Raw client = connect(server);
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 503 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
        until("it has gone", () -> server.connections() == 0);
        assertThat(errors).hasSize(1);
        assertThat(errors.get(0).cause()).hasMessageContaining("responseTimeout");
    }

    @Test
    void aLateAnswerReachesAClientThatHasHalfClosedAndEndsTheConnection() throws IOException {
        options = options.withHalfClose(true);
        Raw client = connect(serveLater((request, response) ->
                request.connection().loop().schedule(Duration.ofMillis(20), () -> response.send("late"))));
        client.send("GET / HTTP/1.1\nHost: x\n\n").endOutput();
        assertThat(client.answer()).endsWith("late");
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aPeerThatNeverEndsAfterARefusalIsCutOff() throws Exception {
        connectionOptions = connectionOptions.withCloseTimeout(SHORT);
        HttpServer server = serve(ServerTest::hello);
        Raw client = connect(server);
        client.send("nonsense\n\n");
        assertThat(client.status()).isEqualTo(400);
        assertThat(client.ends()).isTrue();
        until("it has gone", () -> server.connections() == 0);
    }

    @Test
    void drainingAnswersWhatHasBegunAndSaysThatItIsTheLast() throws Exception {
        AtomicReference<HttpResponse> open = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        HttpServer server = serveLater((request, response) -> {
            open.set(response);
            begun.countDown();
        });
        Raw idle = connect(server);
        Raw busy = connect(server);
        busy.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Boolean> closed = server.close(Duration.ofSeconds(20));
        assertThat(idle.ends()).isTrue();
        HttpResponse response = open.get();
        loop().execute(() -> response.send("last"));
        assertThat(busy.answer()).contains("Connection: close\n").endsWith("last");
        assertThat(busy.ends()).isTrue();
        busy.close();
        idle.close();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatComesAfterAnEndThatTheServerHasChosenMeetsNoReset() throws Exception {
        HttpServer server =
                serve((request, response) -> response.closeConnection().send("last"));
        Raw client = connect(server);
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.rest()).endsWith("last");
        for (int i = 0; i < 100; i++) {
            client.send("GET / HTTP/1.1\nHost: x\n\n"); // would fail on a reset
        }
        client.endOutput();
        until("it has gone", () -> server.connections() == 0);
    }

    @Test
    void whatWasPipelinedBeforeAHalfCloseIsAnsweredAndThenTheConnectionEnds() throws Exception {
        options = options.withHalfClose(true);
        ExecutorService elsewhere = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 50; i++) {
                CountDownLatch begun = new CountDownLatch(1);
                CountDownLatch halfClosed = new CountDownLatch(1);
                HttpServer server = serveLater((request, response) -> {
                    String answer = request.target();
                    begun.countDown();
                    if (request.isPath("/late")) {
                        elsewhere.execute(() -> {
                            assertThat(await(halfClosed)).isTrue();
                            response.send(answer);
                        });
                    } else {
                        response.send(answer);
                    }
                });
                Raw client = connect(server);
                StringBuilder rest = new StringBuilder();
                for (String target : List.of("/late?2", "/3", "/late?4", "/late?5", "/6")) {
                    rest.append("GET ").append(target).append(" HTTP/1.1\nHost: x\n\n");
                }
                String first = "GET /late?1 HTTP/1.1\nHost: x\n\n";
                if (i % 2 == 0) {
                    client.send(first);
                    assertThat(await(begun)).isTrue();
                    client.send(rest.toString());
                } else {
                    client.send(first + rest);
                }
                client.endOutput();
                halfClosed.countDown();
                for (String target : List.of("/late?1", "/late?2", "/3", "/late?4", "/late?5", "/6")) {
                    assertThat(client.answer()).endsWith("\n\n" + target);
                }
                assertThat(client.ends()).isTrue();
                until("it has gone", () -> server.connections() == 0);
            }
        } finally {
            elsewhere.shutdown();
            assertThat(elsewhere.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
