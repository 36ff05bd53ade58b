package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Timeouts, draining, the access log. */
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
    void aLateAnswerReachesAClientThatHasHalfClosedAndEndsTheConnection() throws IOException {
        Raw client = connect(serve((request, response) ->
                request.connection().loop().schedule(Duration.ofMillis(20), () -> response.send("late"))));
        client.send("GET / HTTP/1.1\nHost: x\n\n").endOutput();
        assertThat(client.answer()).endsWith("late");
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aPeerThatNeverEndsAfterARefusalIsCutOff() throws Exception {
        options = options.withLingerTimeout(SHORT);
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
        HttpServer server = serve((request, response) -> {
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
        assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theAccessLogHearsOfEachRequest() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        options = options.withAccessLog((request, status, bytes, nanos) -> {
            assertThat(nanos).isNotNegative();
            lines.add(request.method() + " " + request.target() + " " + status + " " + bytes);
        });
        Raw client = connect(serve(ServerTest::hello));
        client.send("GET /plaintext HTTP/1.1\nHost: x\n\nHEAD /a?b HTTP/1.1\nHost: x\n\nnonsense\n\n");
        client.answer();
        client.head();
        client.answer();
        until("three lines", () -> lines.size() == 3);
        assertThat(lines).containsExactly("GET /plaintext 200 13", "HEAD /a?b 200 0", "  400 16");
    }
}
