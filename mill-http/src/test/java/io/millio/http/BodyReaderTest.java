package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a reader of a body is called for, and when it may ask. */
class BodyReaderTest extends HttpCase {
    private static final String HEAD = "POST / HTTP/1.1\nHost: x\nContent-Length: 5\n";

    private final List<String> calls = new CopyOnWriteArrayList<>();

    private final BodyReader reader = new BodyReader() {
        @Override
        public void onData(ByteBuffer bytes) {
            calls.add(bytes.remaining() + " bytes");
        }

        @Override
        public void onEnd() {
            calls.add("end");
        }

        @Override
        public void onFailure(Throwable failure) {
            calls.add(
                    failure instanceof HttpException known ? known.status() + " " + known.getMessage() : "" + failure);
        }
    };

    @Test
    void aBodyThatIsCutShortIsAFailure() throws Exception {
        Raw client = connect(serve((request, response) -> request.body(reader)));
        client.send(HEAD + "\nhel").endOutput();
        assertThat(client.status()).isEqualTo(400);
        assertThat(calls).containsExactly("3 bytes", "400 connection closed before the body was complete");
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsAFailure() throws Exception {
        options = options.withBodyTimeout(Duration.ofMillis(50));
        Raw client = connect(serve((request, response) -> request.body(reader)));
        client.send(HEAD + "\n");
        assertThat(client.status()).isEqualTo(408);
        assertThat(calls).containsExactly("408 the body was not complete in time");
    }

    @Test
    void aMalformedBodyIsAFailure() throws Exception {
        Raw client = connect(serve((request, response) -> request.body(reader)));
        client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n1\nx\nzz\n");
        assertThat(client.status()).isEqualTo(400);
        assertThat(calls).containsExactly("1 bytes", "400 the size of a chunk is malformed");
    }

    @Test
    void aReaderThatAsksWhenTheRequestIsOverGetsAFailure() throws Exception {
        Raw client = connect(serve((request, response) -> {
            response.send("early");
            loop().schedule(Duration.ofMillis(1), () -> request.body(reader));
        }));
        client.send("GET / HTTP/1.1\nHost: x\n\n");
        assertThat(client.answer()).endsWith("early");
        until("it has got it", () -> !calls.isEmpty());
        assertThat(calls).containsExactly("400 the request is over");
    }

    @Test
    void aClientIsNotAskedForABodyWhenItHasItsAnswer() throws Exception {
        Raw client = connect(serve((request, response) -> {
            response.send("early");
            request.body(reader);
        }));
        client.send(HEAD + "Expect: 100-continue\n\n");
        assertThat(client.answer()).endsWith("early").contains("Connection: close\n");
        client.endOutput();
        assertThat(client.rest()).isEmpty();
        until("it has failed", () -> !calls.isEmpty());
        assertThat(calls).hasSize(1).allMatch(call -> call.startsWith("400 "));
    }

    @Test
    void aBodyIsReadOnce() throws IOException {
        Raw client = connect(serve((request, response) -> {
            request.body(reader);
            try {
                request.body(reader);
            } catch (IllegalStateException e) {
                response.send(String.valueOf(e.getMessage()));
            }
        }));
        client.send(HEAD + "\nhello");
        assertThat(client.answer()).endsWith("\n\nthe body was asked for before");
    }
}
