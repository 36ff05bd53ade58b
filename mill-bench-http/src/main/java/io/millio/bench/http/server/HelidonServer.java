package io.millio.bench.http.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;

/** Helidon SE: a virtual thread for each connection, as is usual there. */
final class HelidonServer {
    private HelidonServer() {}

    static int start() {
        return WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .routing(routing -> routing.get("/*", HelidonServer::get).post("/*", HelidonServer::post))
                .build()
                .start()
                .port();
    }

    private static void get(ServerRequest request, ServerResponse response) {
        send(Routes.get(request.path().path()), response);
    }

    private static void post(ServerRequest request, ServerResponse response) throws IOException {
        send(Upload.read(request.path().path(), request.content().inputStream()), response);
    }

    private static void send(Answer answer, ServerResponse response) {
        response.status(answer.status())
                .header(HeaderNames.CONTENT_TYPE, answer.type())
                .send(answer.body());
    }
}
