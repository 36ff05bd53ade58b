package io.millio.bench.siege;

import io.millio.http.HttpHandler;
import io.millio.http.HttpServer;
import io.millio.http.HttpServerBuilder;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServer;
import io.millio.net.WriteRefusedException;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.tls.TlsCertificate;
import io.millio.net.tls.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The victims on Mill-IO: no option differs from its default, and the handlers do not look at what a write returns. So
 * what protects them is the library.
 */
final class MillServers {
    private MillServers() {}

    @SuppressWarnings("MustBeClosedChecker") // ends with the process
    static int start(Protocol protocol, Path keys) throws IOException {
        SocketAddress bound = switch (protocol) {
            case LINE -> lines().localAddress();
            case HTTP -> http(HttpServer.builder()).localAddress();
            case TLS ->
                http(HttpServer.builder()
                                .tls(TlsContext.server()
                                        .certificates(TlsCertificate.keyStore(keys, ServerKeys.PASSWORD.toCharArray()))
                                        .build()))
                        .localAddress();
        };
        return ((InetSocketAddress) bound).getPort();
    }

    private static TcpServer lines() throws IOException {
        Lines lines = new Lines();
        TcpServer server =
                TcpServer.builder().address("127.0.0.1", 0).handler(lines).start();
        Broadcaster.start(lines::broadcast);
        return server;
    }

    private static HttpServer http(HttpServerBuilder builder) throws IOException {
        byte[] hello = HttpRoutes.hello();
        HttpHandler async = HttpHandler.async((request, response) ->
                request.readBody(HttpRoutes.MAX_BODY_BYTES).thenAccept(body -> response.send(hello)));
        return builder.address("127.0.0.1", 0)
                .handler((request, response) -> {
                    if (request.isMethod("POST")) {
                        async.handle(request, response);
                    } else if (request.isPath(HttpRoutes.BIG)) {
                        response.send(new byte[HttpRoutes.BIG_BYTES]);
                    } else {
                        response.send(hello);
                    }
                })
                .start();
    }

    /** One for all connections. */
    private static final class Lines implements ConnectionHandler {
        private static final FrameDecoder LINES = FrameDecoder.lines(LineCommands.MAX_LINE_BYTES);

        // Concurrent: the broadcaster's thread reads it.
        private final Set<Connection> subscribers = ConcurrentHashMap.newKeySet();

        @Override
        public void onData(Connection connection, ByteBuffer bytes) throws Exception {
            LINES.decode(connection, bytes, this::onLine);
        }

        private void onLine(Connection connection, ByteBuffer line) {
            LineCommands.execute(line, new LineCommands.Output() {
                @Override
                public void write(ByteBuffer bytes) {
                    connection.write(bytes);
                }

                @Override
                public void subscribe() {
                    subscribers.add(connection);
                }
            });
        }

        private void broadcast(byte[] message) {
            for (Connection subscriber : subscribers) {
                try {
                    subscriber.write(ByteBuffer.wrap(message));
                } catch (WriteRefusedException e) {
                    subscriber.abort(); // it has not read for too long
                }
            }
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            subscribers.remove(connection);
        }
    }
}
