package io.millio.examples;

import io.millio.EventLoopGroup;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A JSON-RPC server: the same service over TCP and over HTTP. */
@Command(
        name = "jsonrpc-server",
        description = "Answers calls by JSON-RPC 2.0, over TCP and over HTTP.",
        sortOptions = false)
final class JsonRpcServerExample implements Callable<Integer> {
    @Mixin
    private AddressOptions where;

    @Option(
            names = "--framing",
            defaultValue = "line",
            description = "How messages are told apart over TCP: by line end, or by their length in four bytes before"
                    + " them, line or length (default ${DEFAULT-VALUE}).")
    private Framing framing;

    @Option(
            names = "--http",
            paramLabel = "PORT",
            description = "Answers POST to / on this port, too (0: any free one).")
    private @Nullable Integer http;

    @Option(
            names = "--max-message",
            defaultValue = "1048576",
            description = "Bytes that a message may have (default ${DEFAULT-VALUE}).")
    private int maxMessage;

    @Option(
            names = "--max-batch",
            defaultValue = "1000",
            description = "Calls that a batch may have (default ${DEFAULT-VALUE}).")
    private int maxBatch;

    @Option(
            names = "--max-depth",
            defaultValue = "64",
            description = "Levels of nesting that a message may have (default ${DEFAULT-VALUE}).")
    private int maxDepth;

    @Option(
            names = "--max-in-flight",
            defaultValue = "64",
            description = "Slow calls of one connection that run at once (default ${DEFAULT-VALUE}).")
    private int maxInFlight;

    @Mixin
    private EntranceOptions entrance;

    @Mixin
    private NetOptions options;

    @Override
    public Integer call() throws IOException {
        options.between(2, maxMessage, 256 << 20, "--max-message");
        options.atLeast(1, maxBatch, "--max-batch");
        options.between(3, maxDepth, 1000, "--max-depth");
        options.atLeast(1, maxInFlight, "--max-in-flight");
        if (http != null) {
            options.between(0, http, 65535, "--http");
        }
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
                            .handlers(connections::newHandler))
                    .start();
            HttpServer web = http == null ? null : startHttp(service, loops, http);
            Servers.run(
                    options,
                    entrance,
                    loops,
                    tcp.localAddress(),
                    ", framing " + framing + (web == null ? "" : ", HTTP on " + Servers.text(web.localAddress())),
                    deadline -> drain(tcp, web, deadline));
        }
        return 0;
    }

    private HttpServer startHttp(JsonRpc service, EventLoopGroup loops, int port) throws IOException {
        InetSocketAddress at = new InetSocketAddress(where.address().getHostString(), port);
        return entrance.applyTo(HttpServer.builder()
                        .address(at)
                        .loops(loops)
                        .options(HttpOptions.DEFAULT.withMaxBodyBytes(maxMessage))
                        .handler(Router.builder()
                                .post("/", new RpcHttp(service, maxInFlight))
                                .build()))
                .start();
    }

    private static CompletableFuture<Boolean> drain(TcpServer tcp, @Nullable HttpServer web, Duration deadline) {
        CompletableFuture<Boolean> drained = tcp.close(deadline);
        return web == null ? drained : drained.thenCombine(web.close(deadline), Boolean::logicalAnd);
    }
}
