package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.examples.jsonrpc.ExampleMethods;
import io.millio.examples.jsonrpc.Framing;
import io.millio.examples.jsonrpc.JsonRpc;
import io.millio.examples.jsonrpc.RpcConnections;
import io.millio.examples.jsonrpc.RpcHttp;
import io.millio.http.HttpOptions;
import io.millio.http.HttpServer;
import io.millio.http.Router;
import io.millio.net.TcpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/** A JSON-RPC server: the same service over TCP and over HTTP. */
final class JsonRpcServerExample implements Example {
    private static final int DEFAULT_MESSAGE = 1024 * 1024;
    private static final int DEFAULT_BATCH = 1000;
    private static final int DEFAULT_DEPTH = 64;
    private static final int DEFAULT_IN_FLIGHT = 64;
    private static final int NO_HTTP = -1;

    private static final Option FRAMING = Declare.value(
            "framing",
            "Framing of messages over TCP: line (each ends with a line feed) or length (each is preceded by its"
                    + " length in four bytes; default line).");
    private static final Option HTTP =
            Declare.value("http", "PORT", "Answers POST to / on this port, too (0: any free one).");
    private static final Option HOSTS = Declare.value(
            "hosts",
            "HOST[,HOST...]",
            "Names that HTTP requests may be for (default localhost, 127.0.0.1, [::1] and the --host).");
    private static final Option MAX_MESSAGE =
            Declare.value("max-message", "Bytes that a message may have (default " + DEFAULT_MESSAGE + ").");
    private static final Option MAX_BATCH =
            Declare.value("max-batch", "Calls that a batch may have (default " + DEFAULT_BATCH + ").");
    private static final Option MAX_DEPTH =
            Declare.value("max-depth", "Levels of nesting that a message may have (default " + DEFAULT_DEPTH + ").");
    private static final Option MAX_IN_FLIGHT = Declare.value(
            "max-in-flight", "Slow calls of one connection that run at once (default " + DEFAULT_IN_FLIGHT + ").");

    private final AddressOptions where;
    private final Framing framing;
    private final int http;
    private final Set<String> hosts;
    private final int maxMessage;
    private final int maxBatch;
    private final int maxDepth;
    private final int maxInFlight;
    private final EntranceOptions entrance;
    private final NetOptions options;
    private final AdminOptions admin;

    JsonRpcServerExample(Arguments arguments) {
        where = new AddressOptions(arguments);
        framing = arguments.enumOf(FRAMING, Framing.values(), Framing.LINE);
        http = arguments.intOf(HTTP, NO_HTTP, 0, 65535);
        List<String> named = arguments.textsOf(HOSTS);
        hosts = Set.copyOf(
                named != null
                        ? named
                        : List.of(
                                "localhost",
                                "127.0.0.1",
                                "[::1]",
                                where.address().getHostString()));
        maxMessage = arguments.intOf(MAX_MESSAGE, DEFAULT_MESSAGE, 2, 256 << 20);
        maxBatch = arguments.intOf(MAX_BATCH, DEFAULT_BATCH, 1, Integer.MAX_VALUE);
        maxDepth = arguments.intOf(MAX_DEPTH, DEFAULT_DEPTH, 3, 1000);
        maxInFlight = arguments.intOf(MAX_IN_FLIGHT, DEFAULT_IN_FLIGHT, 1, Integer.MAX_VALUE);
        entrance = new EntranceOptions(arguments);
        options = new NetOptions(arguments);
        admin = new AdminOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("jsonrpc-server", "Answers calls by JSON-RPC 2.0, over TCP and over HTTP.");
        AddressOptions.addTo(syntax);
        syntax.add(FRAMING, HTTP, HOSTS, MAX_MESSAGE, MAX_BATCH, MAX_DEPTH, MAX_IN_FLIGHT);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        AdminOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        JsonRpc service = ExampleMethods.addTo(JsonRpc.builder())
                .maxMessageBytes(maxMessage)
                .maxBatch(maxBatch)
                .maxDepth(maxDepth)
                .build();
        try (EventLoopGroup loops = options.openLoops()) {
            RpcConnections connections = new RpcConnections(service, framing, maxInFlight);
            TcpServer tcp = entrance.applyTo(TcpServer.builder()
                            .address(where.address())
                            .loops(loops)
                            .options(connections.options())
                            .handlers(connection -> connections.newHandler()))
                    .start();
            HttpServer web = http == NO_HTTP ? null : startHttp(service, loops);
            Servers.run(
                    options,
                    entrance,
                    admin,
                    loops,
                    tcp.localAddress(),
                    ", framing " + framing + (web == null ? "" : ", HTTP on " + Servers.text(web.localAddress())),
                    deadline -> drain(tcp, web, deadline));
        }
        return 0;
    }

    private HttpServer startHttp(JsonRpc service, EventLoopGroup loops) throws IOException {
        InetSocketAddress at = new InetSocketAddress(where.address().getHostString(), http);
        return entrance.applyTo(HttpServer.builder()
                        .address(at)
                        .loops(loops)
                        .options(HttpOptions.DEFAULT.withMaxBodyBytes(maxMessage))
                        .handler(Router.builder()
                                .post("/", new RpcHttp(service, maxInFlight, hosts))
                                .build()))
                .start();
    }

    private static CompletableFuture<Boolean> drain(TcpServer tcp, @Nullable HttpServer web, Duration deadline) {
        CompletableFuture<Boolean> drained = tcp.close(deadline);
        return web == null ? drained : drained.thenCombine(web.close(deadline), Boolean::logicalAnd);
    }
}
