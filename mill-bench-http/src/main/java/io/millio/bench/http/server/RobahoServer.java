package io.millio.bench.http.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import robaho.net.httpserver.DefaultHttpServerProvider;

/** The httpserver of robaho, behind the API of the JDK's: a virtual thread for each connection, as it recommends. */
final class RobahoServer {
    private static final int BACKLOG = 1_024;

    private RobahoServer() {}

    static int start() throws IOException {
        HttpServer server = new DefaultHttpServerProvider()
                .createHttpServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", RobahoServer::handle);
        server.start();
        return server.getAddress().getPort();
    }

    private static void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Answer answer = exchange.getRequestMethod().equals("POST")
                ? Upload.read(path, exchange.getRequestBody())
                : Routes.get(path);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        int length = answer.body().length;
        exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length); // 0 would mean chunks
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer.body());
        }
    }
}
