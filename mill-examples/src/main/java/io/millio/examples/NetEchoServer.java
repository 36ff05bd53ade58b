package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An echo server on connections: compare {@link EchoServer}, which does by hand what they do. */
@Command(name = "net-echo-server", description = "Sends back what it receives, on mill-net.", sortOptions = false)
final class NetEchoServer implements Callable<Integer> {
    @Mixin
    private AddressOptions where;

    @Option(
            names = "--max-connections",
            defaultValue = "100000",
            description = "Connections at the same time (default ${DEFAULT-VALUE}).")
    private int maxConnections;

    @Mixin
    private EntranceOptions entrance;

    @Mixin
    private NetOptions options;

    @Override
    public Integer call() throws IOException {
        options.atLeast(1, maxConnections, "--max-connections");
        try (EventLoopGroup loops = options.openLoops()) {
            TcpServer server = entrance.applyTo(TcpServer.builder()
                            .address(where.address())
                            .loops(loops)
                            .maxConnections(maxConnections)
                            .handler(new Echoing()))
                    .start();
            Servers.run(options, entrance, loops, server);
        }
        return 0;
    }

    /** One for all connections. A peer that does not take its echoes is not read from meanwhile. */
    static final class Echoing implements ConnectionHandler {
        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (!connection.write(bytes)) {
                connection.pauseReading();
            }
        }

        @Override
        public void onWritable(Connection connection) {
            connection.resumeReading();
        }
    }
}
