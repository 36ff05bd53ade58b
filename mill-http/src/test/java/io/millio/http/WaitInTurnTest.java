package io.millio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** To wait in the turn for what only this turn's loop completes is an error at once, and not for ever. */
class WaitInTurnTest extends HttpCase {
    @TempDir
    static Path folder;

    private final AtomicReference<@Nullable HttpServer> server = new AtomicReference<>();

    /** Asks for something that is not there yet. */
    interface Question {
        CompletableFuture<?> of(HttpRequest request, @Nullable HttpServer server);
    }

    static Stream<Named<Question>> questions() {
        return Stream.of(
                Named.of("readBody", (request, server) -> request.readBody(100)),
                Named.of("bodyTo", (request, server) -> request.bodyTo(folder.resolve("body"))),
                Named.of("close", (request, server) -> {
                    if (server == null) {
                        throw new AssertionError("no server");
                    }
                    return server.close(Duration.ofSeconds(20));
                }));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void isAnError(Question question) throws Exception {
        CompletableFuture<@Nullable Throwable> thrown = new CompletableFuture<>();
        HttpServer started = serveLater((request, response) -> {
            thrown.complete(
                    catchThrowable(() -> question.of(request, server.get()).join()));
            request.connection().abort();
        });
        server.set(started);
        Raw client = connect(started).send("POST / HTTP/1.1\nHost: x\nContent-Length: 5\n\n");
        assertThat(thrown.join())
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("waiting in the turn of loop");
        client.close();
    }
}
