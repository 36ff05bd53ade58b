package io.millio.examples;

import io.millio.http.HttpException;
import io.millio.http.HttpRequest;
import io.millio.http.HttpResponse;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Serves {@code /dump} to people on this machine. It has a loop of its own, so it answers also when those of the
 * example are stuck. It listens on the loopback address only, and answers only what is sent to a name of this machine:
 * a page in a browser can have its own name lead here (DNS rebinding), but not change the Host that it is read by.
 */
final class AdminServer implements AutoCloseable {
    private static final Set<String> HOSTS = Set.of("localhost", AddressOptions.LOOPBACK, "[::1]");

    private final HttpServer server;

    /** Starts it. */
    AdminServer(int port, Supplier<String> dump) throws IOException {
        Router routes = Router.builder()
                .get("/dump", (request, response) -> sendDump(response, dump.get()))
                .build();
        server = HttpServer.builder()
                .address(AddressOptions.LOOPBACK, port)
                .handler((request, response) -> {
                    checkHost(request);
                    routes.handle(request, response);
                })
                .start();
    }

    private static void sendDump(HttpResponse response, String dump) {
        response.header("Cache-Control", "no-store").contentType("text/plain; charset=utf-8");
        response.send(dump);
    }

    private static void checkHost(HttpRequest request) throws HttpException {
        int port = ((InetSocketAddress) request.connection().localAddress()).getPort();
        String host = request.header("Host");
        String suffix = ":" + port;
        if (host == null
                || !host.endsWith(suffix)
                || !HOSTS.contains(
                        host.substring(0, host.length() - suffix.length()).toLowerCase(Locale.ROOT))) {
            throw new HttpException(421, "Host: " + host + ", must be one of " + HOSTS + " and port " + port);
        }
    }

    InetSocketAddress localAddress() {
        return (InetSocketAddress) server.localAddress();
    }

    /** What the ready line says of it. */
    String describe() {
        return ", admin on " + Servers.text(localAddress());
    }

    @Override
    public void close() {
        server.close();
    }
}
