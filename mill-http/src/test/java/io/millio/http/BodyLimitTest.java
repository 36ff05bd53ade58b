package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Bodies that exceed a limit. */
class BodyLimitTest extends HttpCase {
    private static void readTen(HttpRequest request, HttpResponse response) {
        CompletableFuture<?> unused = request.readBody(10).whenComplete((body, failure) -> {
            if (failure != null) {
                response.fail(failure);
            } else {
                response.send("" + body.length);
            }
        });
    }

    @Test
    void aFloodOfExtensionsOfChunksIsRefused() throws IOException {
        options = options.withMaxHead(1_000, 10, 1_000);
        Raw client = connect(serve(BodyTest::echo));
        String head = "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n";
        String chunk = "1;ext=" + "x".repeat(95) + "\na\n";
        for (int i = 0; i < 2; i++) { // of each body anew
            client.send(head + chunk.repeat(10) + "0\n\n");
            assertThat(client.answer()).endsWith("\n\n" + "a".repeat(10) + "[]");
        }
        client.send(head + chunk.repeat(11) + "0\n\nGET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 400 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aClientWhoseBodyIsTooLongDoesNotReceiveContinue() throws IOException {
        Raw client = connect(serve(BodyLimitTest::readTen));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 10\nExpect: 100-continue\n\n");
        assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\n");
        client.send("0123456789");
        assertThat(client.answer()).endsWith("\n\n10").doesNotContain("close");
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 11\nExpect: 100-continue\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aBodyThatIsAnnouncedTooLongIsRefusedBeforeItComes() throws IOException {
        options = options.withMaxBodyBytes(Long.MAX_VALUE);
        Raw client = connect(serve(BodyLimitTest::readTen));
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 11\n\n0123456789x");
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ").doesNotContain("close"); // it is read over
        client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 1000000000000\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 413 ").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void aBodyThatHasFailedIsReportedToAReaderThatAsksLater() throws Exception {
        CompletableFuture<HttpRequest> started = new CompletableFuture<>();
        HttpServer server = serve((request, response) -> {
            response.start();
            started.complete(request);
        });
        try (Raw client = new Raw(server)) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\n");
            HttpRequest request = started.get(20, TimeUnit.SECONDS);
            client.endOutput();
            until("the end of input has been seen", () -> request.connection().isInputClosed());
            CompletableFuture<byte[]> body = request.readBody(10);
            until("the body has failed", body::isDone);

            assertThat(body).isCompletedExceptionally();
        }
    }
}
