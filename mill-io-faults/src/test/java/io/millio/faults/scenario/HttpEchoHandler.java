package io.millio.faults.scenario;

import io.millio.http.FileHandler;
import io.millio.http.HttpHandler;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Answers by path, in each of the ways that there are; faults strike here as well. */
final class HttpEchoHandler implements HttpHandler {
    private static final int MAX_BODY_BYTES = 1000;

    private final FileHandler files;

    HttpEchoHandler(FileHandler files) {
        this.files = files;
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws Exception {
        switch (request.path()) {
            case "/whole" -> response.send("all of it");
            case "/body" -> {
                CompletableFuture<?> unused = request.readBody(MAX_BODY_BYTES)
                        .whenComplete((body, failure) -> answer(response, body, failure));
            }
            case "/stream" -> {
                response.start();
                for (int i = 0; i < 3; i++) {
                    response.write(ByteBuffer.wrap(("part " + i).getBytes(StandardCharsets.ISO_8859_1)));
                }
                response.end();
            }
            case "/late" -> {
                response.later();
                byte[] late = "late".getBytes(StandardCharsets.ISO_8859_1);
                request.connection().loop().schedule(Duration.ofMillis(5), () -> answer(response, late, null));
            }
            default -> files.handle(request, response);
        }
    }

    /** No other code sees what a later callback throws. */
    private static void answer(HttpResponse response, byte @Nullable [] body, @Nullable Throwable failure) {
        try {
            if (body != null) {
                response.send(body);
            } else {
                response.fail(Objects.requireNonNull(failure));
            }
        } catch (Throwable t) {
            response.fail(t);
        }
    }
}
