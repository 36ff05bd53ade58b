package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.http.wire.Gzip;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompressionTest extends HttpCase {
    private static final String TEXT = "All work and no play makes Jack a dull boy.\n".repeat(100);
    private static final String GET = "GET / HTTP/1.1\nHost: x\nAccept-Encoding: gzip\n\n";

    @BeforeEach
    void compress() {
        options = options.withCompression(Compression.DEFAULT);
    }

    private static String plain(String answer) throws IOException {
        byte[] body = answer.substring(answer.indexOf("\n\n") + 2).getBytes(StandardCharsets.ISO_8859_1);
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String head(String answer) {
        return answer.substring(0, answer.indexOf("\n\n") + 1);
    }

    /** Half of it compresses. */
    private static byte[] large(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + (bytes[i] & 15));
        }
        return bytes;
    }

    @Test
    void aWholeAnswerIsCompressedForAClientThatAcceptsIt() throws Exception {
        Raw client = connect(serve((request, response) ->
                response.header("ETag", "\"1\"").header("Vary", "Origin").send(TEXT)));
        client.send(GET);
        String answer = client.answer();
        assertThat(answer)
                .contains("Content-Encoding: gzip\n")
                .contains("Vary: Origin\nContent-Type")
                .contains("Vary: Accept-Encoding\n")
                .contains("ETag: W/\"1\"\n")
                .contains("Content-Length: ")
                .hasSizeLessThan(1000);
        assertThat(plain(answer)).isEqualTo(TEXT);
        client.send(GET.replace("GET", "HEAD"));
        assertThat(client.head()).isEqualTo(head(answer));
        client.send(GET.replace("gzip", "br"));
        assertThat(client.answer())
                .contains("Vary: Accept-Encoding\n")
                .contains("ETag: \"1\"\n")
                .doesNotContain("Content-Encoding")
                .endsWith(TEXT);
    }

    @Test
    void whatDoesNotCompressIsSentAsItIs() throws Exception {
        List<HttpHandler> handlers = List.of(
                (request, response) -> response.send(TEXT.substring(0, 1023)),
                (request, response) -> response.contentType("image/png").send(TEXT),
                (request, response) -> response.contentType("text/event-stream").send(TEXT),
                (request, response) -> response.header("Content-Encoding", "br").send(TEXT),
                (request, response) -> response.status(206).send(TEXT),
                (request, response) -> response.header("Cache-Control", "private, no-transform")
                        .send(TEXT),
                (request, response) -> response.send(TEXT.getBytes(StandardCharsets.US_ASCII)),
                (request, response) -> response.send(PreparedResponse.text(TEXT)));
        Raw client = connect(serve((request, response) ->
                handlers.get(Integer.parseInt(request.path().substring(1))).handle(request, response)));
        for (int i = 0; i < handlers.size(); i++) {
            client.send(GET.replace("/ ", "/" + i + " "));
            assertThat(client.answer())
                    .as("handler %d", i)
                    .doesNotContain("gzip")
                    .doesNotContain("Vary")
                    .contains("Content-Length: " + (i == 0 ? 1023 : TEXT.length()));
        }
    }

    @Test
    void aLargeAnswerIsCompressedAsTheClientTakesIt() throws Exception {
        byte[] body = large(3 << 20);
        AtomicReference<HttpResponse> used = new AtomicReference<>();
        HttpServer server = serve((request, response) -> {
            used.set(response);
            response.contentType("application/json").send(body);
        });
        Raw client = connect(server);
        client.send(GET);
        String answer = client.answer();
        assertThat(answer).contains("Transfer-Encoding: chunked\n");
        assertThat(plain(answer)).isEqualTo(new String(body, StandardCharsets.ISO_8859_1));
        assertThat(used.get().answer.bodyBytes()).isBetween(1L, (long) body.length * 3 / 4);
        client.send(GET.replace("GET", "HEAD"));
        assertThat(client.head()).isEqualTo(head(answer));
        Raw old = connect(server);
        old.send("GET / HTTP/1.0\nAccept-Encoding: gzip\n\n");
        assertThat(plain(old.rest().replace("\r\n\r\n", "\n\n"))).hasSize(body.length);
    }

    @Test
    void aLargeAnswerLeavesOtherTasksOfTheLoopTheirTurn() throws Exception {
        CountDownLatch other = new CountDownLatch(1);
        AtomicReference<Boolean> open = new AtomicReference<>();
        Raw client = connect(serve((request, response) -> {
            response.contentType("text/plain").send(new byte[1 << 20]); // never fills a queue
            loop().execute(() -> {
                open.set(response.answer.phase() == AnswerState.SENDING);
                other.countDown();
            });
        }));
        client.send(GET);
        assertThat(plain(client.answer())).hasSize(1 << 20);
        assertThat(other.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(open.get()).as("still compressing when the other task ran").isTrue();
    }

    @Test
    void eachPartOfAStreamCanBeDecodedWhenItComes() throws Exception {
        AtomicReference<HttpResponse> streaming = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        options = options.withCompression(Compression.DEFAULT.withMinBytes(0));
        Raw client = connect(serve((request, response) -> {
            response.contentType("text/plain").start(6);
            response.write(ByteBuffer.wrap("one".getBytes(StandardCharsets.US_ASCII)));
            assertThatThrownBy(() -> response.write(ByteBuffer.allocate(4))).isInstanceOf(IllegalStateException.class);
            streaming.set(response);
            begun.countDown();
        }));
        client.send(GET);
        assertThat(client.head()).contains("chunked").contains("gzip");
        assertThat(client.body(15)).startsWith("a\r\n").endsWith("\r\n"); // the header of gzip
        int size = Integer.parseInt(client.body(3).strip(), 16);
        byte[] part = client.body(size).getBytes(StandardCharsets.ISO_8859_1);
        Inflater inflater = new Inflater(true);
        inflater.setInput(part);
        byte[] out = new byte[10];
        assertThat(inflater.inflate(out)).isEqualTo(3);
        inflater.end();
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        loop().execute(() -> {
            streaming.get().write(ByteBuffer.wrap("two".getBytes(StandardCharsets.US_ASCII)));
            streaming.get().end();
        });
        assertThat(client.body(2)).isEqualTo("\r\n");
    }

    @Test
    void aStreamIsCompressedWhole() throws Exception {
        AtomicReference<Gzip> gzip = new AtomicReference<>();
        Raw client = connect(serve((request, response) -> {
            response.contentType("text/plain").start();
            if (response.answer.writer.isCompressing()) {
                gzip.set(gzip(response));
            }
            for (String each : TEXT.split("(?<=\n)", -1)) {
                response.write(ByteBuffer.wrap(each.getBytes(StandardCharsets.US_ASCII)));
            }
            response.end();
        }));
        client.send(GET);
        assertThat(plain(client.answer())).isEqualTo(TEXT);
        assertThat(isReleased(gzip.get())).isTrue();
        client.send(GET.replace("gzip", "identity"));
        assertThat(client.answer()).endsWith(TEXT);
    }

    private static Gzip gzip(HttpResponse response) {
        return Objects.requireNonNull(response.answer.writer.gzip);
    }

    private static boolean isReleased(Gzip gzip) {
        return !gzip.encode(ByteBuffer.wrap(new byte[1]), bytes -> {});
    }

    @Test
    void theEncoderIsReleasedWhenTheClientLeavesAndWhenTheAnswerFails() throws Exception {
        expectErrors();
        AtomicReference<Gzip> gzip = new AtomicReference<>();
        HttpServer server = serve((request, response) -> {
            response.contentType("text/plain").start();
            gzip.set(gzip(response));
            if (request.isPath("/fail")) {
                throw new IllegalStateException("planted");
            }
        });
        for (String path : List.of("/", "/fail")) {
            Raw client = connect(server);
            client.send(GET.replace("/ ", path + " "));
            client.head();
            client.close();
            until("it has gone", () -> server.connections() == 0);
            assertThat(isReleased(gzip.get())).as(path).isTrue();
        }
    }

    @Test
    void aChoiceOfTypesThatFailsIsReportedAndNothingCompressed() throws Exception {
        expectErrors();
        options = options.withCompression(Compression.DEFAULT.withLevel(1).withTypes(type -> {
            throw new IllegalStateException(type);
        }));
        Raw client = connect(serve((request, response) -> response.send(TEXT)));
        client.send(GET);
        assertThat(client.answer()).endsWith(TEXT);
        until("it is reported", () -> errors.size() == 1);
        assertThat(errors.get(0).cause()).hasMessage("text/plain");
    }
}
