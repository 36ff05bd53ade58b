package io.millio.bench.http.server;

import io.millio.EventLoop;
import io.millio.http.BodyReader;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import io.millio.http.HttpServer;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Mill-IO: one loop, and no option that differs from its default but the transport. */
public final class MillServer {
    private MillServer() {}

    /**
     * Starts one, which runs until the process ends.
     *
     * @param transport epoll or nio
     * @return the port
     */
    @SuppressWarnings("MustBeClosedChecker") // ends with the process
    public static int start(String transport) throws IOException {
        EventLoop loop = EventLoop.builder()
                .direct()
                .noPollTimeout()
                .transport(Transport.named(transport))
                .build();
        HttpServer server = HttpServer.builder()
                .address("127.0.0.1", 0)
                .loop(loop)
                .handler(MillServer::handle)
                .start();
        Thread thread = new Thread(loop::run, "http-loop");
        thread.setDaemon(true);
        thread.start();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private static void handle(HttpRequest request, HttpResponse response) {
        if (!request.isMethod("POST")) {
            send(Routes.get(request.target()), response);
            return;
        }
        Upload upload = new Upload(request.target());
        request.body(new BodyReader() {
            @Override
            public void onData(ByteBuffer bytes) {
                upload.add(bytes);
            }

            @Override
            public void onEnd() {
                send(upload.answer(), response);
            }
        });
    }

    private static void send(Answer answer, HttpResponse response) {
        response.status(answer.status()).contentType(answer.type()).send(answer.body());
    }
}
