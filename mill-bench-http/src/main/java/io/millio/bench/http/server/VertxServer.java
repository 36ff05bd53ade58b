package io.millio.bench.http.server;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/** Vert.x: one server on one loop of its own, over {@code java.nio}, which is its default. */
final class VertxServer {
    private static final int START_SECONDS = 30;

    private VertxServer() {}

    static int start() throws Exception {
        return Vertx.vertx()
                .createHttpServer()
                .requestHandler(VertxServer::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_SECONDS, TimeUnit.SECONDS)
                .actualPort();
    }

    private static void handle(HttpServerRequest request) {
        if (!request.method().equals(HttpMethod.POST)) {
            send(Routes.get(request.uri()), request);
            return;
        }
        Upload upload = new Upload(request.uri());
        request.handler(part -> upload.add(part.getBytes(), part.length()));
        request.endHandler(end -> send(upload.answer(), request));
    }

    private static void send(Answer answer, HttpServerRequest request) {
        request.response()
                .setStatusCode(answer.status())
                .putHeader("Content-Type", answer.type())
                .end(Buffer.buffer(answer.body()));
    }
}
