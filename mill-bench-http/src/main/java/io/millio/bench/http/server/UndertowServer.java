package io.millio.bench.http.server;

import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Undertow: one I/O thread, on which its handlers run. */
final class UndertowServer {
    private UndertowServer() {}

    static int start() {
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(1)
                .setHandler(UndertowServer::handle)
                .build();
        server.start();
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    private static void handle(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equals(Methods.POST)) {
            send(Routes.get(exchange.getRequestPath()), exchange);
            return;
        }
        Upload upload = new Upload(exchange.getRequestPath());
        exchange.getRequestReceiver().receivePartialBytes((same, bytes, last) -> {
            upload.add(bytes, bytes.length);
            if (last) {
                send(upload.answer(), same);
            }
        });
    }

    private static void send(Answer answer, HttpServerExchange exchange) {
        exchange.setStatusCode(answer.status());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, answer.type());
        exchange.getResponseSender().send(ByteBuffer.wrap(answer.body()));
    }
}
