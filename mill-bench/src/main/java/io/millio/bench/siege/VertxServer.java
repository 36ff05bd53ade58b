package io.millio.bench.siege;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The HTTP victims on Vert.x: bodies that are announced as too large are refused. Guarded: idle timeouts. */
final class VertxServer {
    private static final int TIMEOUT_SECONDS = 5;
    private static final int START_SECONDS = 30;

    private VertxServer() {}

    static int start(Protocol protocol, Path keys, boolean guarded) throws Exception {
        HttpServerOptions options = new HttpServerOptions();
        if (guarded) {
            options.setIdleTimeout(TIMEOUT_SECONDS)
                    .setReadIdleTimeout(TIMEOUT_SECONDS)
                    .setWriteIdleTimeout(TIMEOUT_SECONDS);
        }
        if (protocol == Protocol.TLS) {
            options.setSsl(true)
                    .setKeyCertOptions(new PfxOptions().setPath(keys.toString()).setPassword(ServerKeys.PASSWORD));
        }
        return Vertx.vertx()
                .createHttpServer(options)
                .requestHandler(VertxServer::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_SECONDS, TimeUnit.SECONDS)
                .actualPort();
    }

    private static void handle(HttpServerRequest request) {
        if (request.method() == HttpMethod.POST) {
            String length = request.getHeader("Content-Length");
            if (length != null && Long.parseLong(length) > HttpRoutes.MAX_BODY_BYTES) {
                request.response().setStatusCode(413).end();
                return;
            }
            request.body()
                    .onSuccess(body -> request.response().end(HttpRoutes.HELLO))
                    .onFailure(failure -> request.response().reset());
        } else if (HttpRoutes.BIG.equals(request.path())) {
            request.response().end(Buffer.buffer(new byte[HttpRoutes.BIG_BYTES]));
        } else {
            request.response().end(HttpRoutes.HELLO);
        }
    }
}
