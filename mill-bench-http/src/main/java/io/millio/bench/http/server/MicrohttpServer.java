package io.millio.bench.http.server;

import java.io.IOException;
import java.util.List;
import org.microhttp.EventLoop;
import org.microhttp.Header;
import org.microhttp.NoopLogger;
import org.microhttp.OptionsBuilder;
import org.microhttp.Request;
import org.microhttp.Response;

/** Microhttp: its usual options, but for requests that are larger than its 1 MiB. */
final class MicrohttpServer {
    private static final int MAX_REQUEST_BYTES = 2 * Routes.LARGE_BYTES;

    private MicrohttpServer() {}

    static int start() throws IOException {
        EventLoop loop = new EventLoop(
                OptionsBuilder.newBuilder()
                        .withHost("127.0.0.1")
                        .withPort(0)
                        .withMaxRequestSize(MAX_REQUEST_BYTES)
                        .build(),
                NoopLogger.instance(),
                (request, callback) -> callback.accept(response(answer(request))));
        loop.start();
        return loop.getPort();
    }

    private static Answer answer(Request request) {
        if (!request.method().equals("POST")) {
            return Routes.get(request.uri());
        }
        Upload upload = new Upload(request.uri());
        byte[] body = request.body();
        if (body != null) {
            upload.add(body, body.length);
        }
        return upload.answer();
    }

    private static Response response(Answer answer) {
        return new Response(
                answer.status(),
                answer.status() == 200 ? "OK" : "Not Found",
                List.of(new Header("Content-Type", answer.type())),
                answer.body());
    }
}
