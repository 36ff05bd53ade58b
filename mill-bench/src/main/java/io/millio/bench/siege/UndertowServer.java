package io.millio.bench.siege;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Methods;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.xnio.Options;

/** The HTTP victims on Undertow. Guarded: limits of connections and fields, timeouts of idleness and of heads. */
final class UndertowServer {
    private static final int MAX_CONNECTIONS = 1_000;
    private static final int TIMEOUT_MILLIS = 5_000;

    private UndertowServer() {}

    static int start(Protocol protocol, Path keys, boolean guarded) throws Exception {
        Undertow.Builder builder = Undertow.builder()
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, (long) HttpRoutes.MAX_BODY_BYTES)
                .setHandler(UndertowServer::handle);
        if (guarded) {
            builder.setServerOption(UndertowOptions.IDLE_TIMEOUT, TIMEOUT_MILLIS)
                    .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, TIMEOUT_MILLIS)
                    .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, TIMEOUT_MILLIS)
                    .setServerOption(UndertowOptions.MAX_HEADERS, 100)
                    .setServerOption(UndertowOptions.MAX_HEADER_SIZE, 32 << 10)
                    .setSocketOption(Options.READ_TIMEOUT, TIMEOUT_MILLIS)
                    .setSocketOption(Options.WRITE_TIMEOUT, TIMEOUT_MILLIS)
                    .setSocketOption(Options.CONNECTION_HIGH_WATER, MAX_CONNECTIONS)
                    .setSocketOption(Options.CONNECTION_LOW_WATER, MAX_CONNECTIONS);
        }
        if (protocol == Protocol.TLS) {
            builder.addHttpsListener(0, "127.0.0.1", ServerKeys.context(keys));
        } else {
            builder.addHttpListener(0, "127.0.0.1");
        }
        Undertow server = builder.build();
        server.start();
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    private static void handle(HttpServerExchange exchange) {
        if (exchange.getRequestMethod().equals(Methods.POST)) {
            exchange.getRequestReceiver()
                    .receiveFullBytes((whole, body) -> whole.getResponseSender().send(HttpRoutes.HELLO));
        } else if (exchange.getRequestPath().equals(HttpRoutes.BIG)) {
            exchange.getResponseSender().send(ByteBuffer.allocate(HttpRoutes.BIG_BYTES));
        } else {
            exchange.getResponseSender().send(HttpRoutes.HELLO);
        }
    }
}
