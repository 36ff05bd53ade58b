package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and whole answers, on kept connections. */
class ServerTest extends HttpCase {
    static final PreparedResponse HELLO = PreparedResponse.text("Hello, World!");

    static void hello(HttpRequest request, HttpResponse response) {
        if (request.isPath("/plaintext")) {
            response.send(HELLO);
        } else if (request.isPath("/throw")) {
            throw new IllegalStateException("planted");
        } else {
            response.header(
                    "X-Saw",
                    request.method() + " " + request.path() + " " + request.query() + " " + request.header("x-one")
                            + " " + request.headers("X-Two"));
            response.contentType("text/plain").send("seen");
        }
    }

    @Test
    void aRequestIsAnsweredAndTheConnectionKept() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        for (int i = 0; i < 3; i++) {
            client.send("""
                    GET /plaintext HTTP/1.1
                    Host: x

                    """);
            assertThat(client.answer()).isEqualTo("""
                    HTTP/1.1 200 OK
                    Content-Type: text/plain; charset=utf-8
                    Content-Length: 13

                    Hello, World!""");
        }
    }

    @Test
    void theDateIsSent() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("GET /plaintext HTTP/1.1\nHost: x\nConnection: close\n\n");
        assertThat(client.rest())
                .containsPattern(
                        "\r\nDate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z][a-z] \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n");
    }

    @Test
    void aHandlerSeesMethodPathQueryAndFields() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("""
                PATCH /a/b%20c?d=e?f HTTP/1.1
                X-ONE: first
                Host: x
                x-two: 2
                X-Two: 3

                """);
        assertThat(client.answer())
                .contains("X-Saw: PATCH /a/b%20c d=e?f first [2, 3]\n")
                .endsWith("seen");
        client.send("GET http://other:80/abs?q HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).contains("X-Saw: GET /abs q null []\n");
        client.send("OPTIONS * HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).contains("X-Saw: OPTIONS * null");
    }

    @Test
    void aWriterThatWritesWhileItMayEndsForAnswersWithoutBody() throws IOException {
        Raw client = connect(serve((request, response) -> {
            String status = request.queryParameter("status");
            response.status(status == null ? 200 : Integer.parseInt(status));
            response.header("X-Body", String.valueOf(response.hasBody())).start();
            ByteBuffer bytes = ByteBuffer.wrap("data".getBytes(StandardCharsets.US_ASCII));
            while (response.write(bytes) == WriteResult.CONTINUE && !request.isMethod("GET")) {}
            response.end();
        }));
        client.send("HEAD / HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains("X-Body: false\n");
        client.send("HEAD /?status=204 HTTP/1.1\nHost: x\n\nPOST /?status=304 HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains(" 204 ").contains("X-Body: false\n");
        assertThat(client.head()).contains(" 304 ").contains("X-Body: false\n");
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).contains("X-Body: true\n").endsWith("\n\ndata");
    }

    @Test
    void aResetContentHasNoContentButALength() throws IOException {
        PreparedResponse prepared = PreparedResponse.of(205, List.of(), new byte[0]);
        Raw client = connect(serve((request, response) -> {
            if (request.isPath("/prepared")) {
                response.send(prepared);
            } else {
                response.status(205).send(new byte[] {1});
            }
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\nGET /prepared HTTP/1.1\nHost: x\n\n");
        for (int i = 0; i < 2; i++) {
            assertThat(client.answer()).isEqualTo("HTTP/1.1 205 Reset Content\nContent-Length: 0\n\n");
        }
    }

    @Test
    void aFilePartThatIsNegativeIsRefusedBeforeAnythingIsWritten() throws IOException {
        Raw client = connect(serve((request, response) -> {
            boolean length = request.isPath("/length");
            try {
                response.sendFile(Path.of("any"), length ? 0 : -4, length ? -5 : 1);
            } catch (IllegalArgumentException e) {
                response.send(String.valueOf(e.getMessage()));
            }
        }));
        client.send("GET /length HTTP/1.1\nHost: x\n\nGET /position HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").contains("count: -5");
        assertThat(client.answer()).startsWith("HTTP/1.1 200 ").contains("position: -4");
    }

    @Test
    void textHasATypeUnlessAnotherWasSet() throws IOException {
        Raw client = connect(serve((request, response) -> {
            if (request.isPath("/json")) {
                response.header("content-type", "application/json");
            }
            response.send("{}");
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\nGET /json HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).contains("\nContent-Type: text/plain; charset=utf-8\n");
        assertThat(client.answer())
                .contains("\ncontent-type: application/json\n")
                .doesNotContain("text/plain");
    }

    @Test
    void aHeadRequestThatIsRefusedGetsNoBody() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("HEAD / HTTP/1.1\nHost: a b\n\n");
        assertThat(client.head()).startsWith("HTTP/1.1 400 ");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void theHostOfAnAbsoluteTargetCountsAlsoWithoutAHostField() throws IOException {
        Raw client = connect(serve((request, response) -> response.send(String.valueOf(request.header("HOST")))));
        client.send("GET http://a:81/ HTTP/1.0\nConnection: keep-alive\n\n");
        assertThat(client.answer()).endsWith("\n\na:81");
        client.send("GET / HTTP/1.0\n\n");
        assertThat(client.answer()).endsWith("\n\nnull");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            all.append("GET /").append(i).append(" HTTP/1.1\nHost: x\n\n");
        }
        Thread sender = new Thread(() -> {
            try {
                client.send(all.toString());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        sender.start();
        for (int i = 0; i < 5_000; i++) {
            assertThat(client.answer()).contains("X-Saw: GET /" + i + " null");
        }
    }

    @Test
    void aClientThatPipelinesAndReadsNothingIsNotReadFrom() throws Exception {
        byte[] body = new byte[100_000];
        int[] handled = new int[1];
        Raw client = connect(serve((request, response) -> {
            handled[0]++;
            response.send(body);
        }));
        for (int i = 0; i < 300; i++) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
        }
        for (int i = 0; i < 300; i++) {
            assertThat(client.answer()).hasSizeGreaterThan(100_000);
            if (i == 0) {
                assertThat(handled[0]).isLessThan(200);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1\\n\\n | 400
            GET / HTTP/1.1\\nHost: a\\nHost: b\\n\\n | 400
            GET / HTTP/1.1\\nHost : a\\n\\n | 400
            GET / HTTP/1.1\\nHost: a\\n folded\\n\\n | 400
            POST / HTTP/1.1\\nHost: a\\nContent-Length: +5\\n\\nhello | 400
            POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\nContent-Length: 5\\n\\nhello | 400
            POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\nTransfer-Encoding: chunked\\n\\n0\\n\\n | 400
            POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: gzip\\n\\n | 400
            POST / HTTP/1.1\\nHost: a\\nContent-Length: 1048577\\n\\n | 413
            POST / HTTP/1.1\\nHost: a\\nExpect: miracles\\n\\n | 417
            GET / HTTP/2.0\\nHost: a\\n\\n | 505
            """)
    void aBadRequestIsAnsweredAndTheConnectionEnds(String request, int status) throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send(request.replace("\\n", "\n")).send("GET / HTTP/1.1\nHost: x\n\n");
        String answer = client.answer();
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\nConnection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void headsThatAreTooLargeAreRefused() throws IOException {
        options = options.withMaxHead(100, 3, 200);
        HttpServer server = serve(ServerTest::hello);
        assertThat(connect(server).send("GET /" + "a".repeat(100)).status()).isEqualTo(414);
        assertThat(connect(server)
                        .send("GET / HTTP/1.1\nHost: x\na: " + "a".repeat(200))
                        .status())
                .isEqualTo(431);
        assertThat(connect(server)
                        .send("GET / HTTP/1.1\nHost: x\na: 1\nb: 2\nc: 3\n")
                        .status())
                .isEqualTo(431);
    }

    @Test
    void anErrorReachesAClientThatIsStillSending() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 99999999\n\n");
        for (int i = 0; i < 200; i++) {
            client.sendExactly("x".repeat(10_000)); // would fail on a reset
        }
        assertThat(client.status()).isEqualTo(413);
        client.endOutput();
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aHandlerThatThrowsIsAnswered500AndTheConnectionKept() throws Exception {
        expectErrors();
        Raw client = connect(serve(ServerTest::hello));
        client.send("GET /throw HTTP/1.1\nHost: x\n\nGET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer())
                .startsWith("HTTP/1.1 500 Internal Server Error\n")
                .doesNotContain("planted", "close");
        assertThat(client.status()).isEqualTo(200);
        until("it is reported", () -> !errors.isEmpty());
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.cause()).hasMessage("planted");
            assertThat(error.toString()).contains("GET /throw");
        });
    }

    @Test
    void aHandlerThatThrowsAmidItsAnswerLosesTheConnection() throws IOException {
        expectErrors();
        Raw client = connect(serve((request, response) -> {
            response.start(10);
            throw new IllegalStateException("planted");
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.restOrReset()).doesNotContain("500");
    }

    @Test
    void aHandlerMayRefuseWithAStatus() throws IOException {
        Raw client = connect(serve((request, response) -> {
            response.header("X-Kept", "yes")
                    .header("ETag", "lost")
                    .header("Content-Encoding", "lost")
                    .header("Cache-Control", "lost")
                    .header("Content-Security-Policy", "kept");
            throw new HttpException(403, "not you");
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).isEqualTo("""
                HTTP/1.1 403 Forbidden
                X-Kept: yes
                Content-Security-Policy: kept
                Content-Type: text/plain
                Content-Length: 14

                403 Forbidden
                """);
    }

    @Test
    void fieldsThatWouldSplitAnAnswerAreRefused() throws IOException {
        Raw client = connect(serve((request, response) -> {
            int refused = 0;
            for (List<String> each : List.of(
                    List.of("X", "a\r\nSet-Cookie: b"),
                    List.of("X y", "a"),
                    List.of("", "a"),
                    List.of("X", "\u0100"),
                    List.of("content-length", "5"),
                    List.of("Transfer-Encoding", "chunked"))) {
                try {
                    response.header(each.get(0), each.get(1));
                } catch (IllegalArgumentException e) {
                    refused++;
                }
            }
            response.send("" + refused);
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer())
                .isEqualTo("HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: 1\n\n6");
    }

    @Test
    void clientsOfHttp10AreServed() throws IOException {
        HttpServer server = serve(ServerTest::hello);
        assertThat(connect(server).send("GET /plaintext HTTP/1.0\n\n").rest())
                .contains("Connection: close\r\n")
                .endsWith("Hello, World!");
        Raw kept = connect(server);
        for (int i = 0; i < 2; i++) {
            kept.send("GET /plaintext HTTP/1.0\nConnection: keep-alive\n\n");
            assertThat(kept.answer()).contains("Connection: keep-alive\n").endsWith("Hello, World!");
        }
    }

    @Test
    void aHeadRequestGetsTheHeadOnly() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send(
                "HEAD /plaintext HTTP/1.1\nHost: x\n\nHEAD /other HTTP/1.1\nHost: x\n\nGET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(client.head()).contains("Content-Length: 13\n");
        assertThat(client.head()).contains("Content-Length: 4\n");
        assertThat(client.answer()).endsWith("Hello, World!");
    }

    @Test
    void aClientThatHalfClosesIsAnswered() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        client.send("GET /plaintext HTTP/1.1\nHost: x\n\n").endOutput();
        assertThat(client.answer()).endsWith("Hello, World!");
        assertThat(client.ends()).isTrue();
    }

    @Test
    void aRequestInPiecesIsTheSameAsOneSentWhole() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        String request = "GET /p?q HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n\r\n";
        for (int i = 1; i < request.length(); i++) {
            client.sendExactly(request.substring(0, i)).sendExactly(request.substring(i));
            assertThat(client.answer()).contains("X-Saw: GET /p q 1 []\n");
        }
        for (int i = 0; i < request.length(); i++) {
            client.sendExactly(request.substring(i, i + 1));
        }
        assertThat(client.answer()).contains("X-Saw: GET /p q 1 []\n");
    }

    @Test
    void aFewEmptyLinesBeforeARequestArePassedOver() throws IOException {
        Raw client = connect(serve(ServerTest::hello));
        for (int i = 0; i < 3; i++) { // after each request anew
            client.send("\n\nGET /plaintext HTTP/1.1\nHost: x\n\n");
            assertThat(client.status()).isEqualTo(200);
        }
        client.sendExactly("\r").sendExactly("\n").sendExactly("\r").sendExactly("\nG");
        client.send("ET /plaintext HTTP/1.1\nHost: x\n\n\nGET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(200);
        assertThat(client.status()).isEqualTo(200);
        client.send("\n").send("\n").send("\nGET /plaintext HTTP/1.1\nHost: x\n\n");
        assertThat(client.status()).isEqualTo(400);
        client.endOutput();
        assertThat(client.rest()).isEmpty();
    }
}
