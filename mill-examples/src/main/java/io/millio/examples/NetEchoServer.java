package io.millio.examples;

import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpServer;
import io.millio.net.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.commons.cli.Option;

/** An echo server on connections: compare {@link EchoServer}, which does by hand what they do. */
final class NetEchoServer implements Example {
    private static final int DEFAULT_CONNECTIONS = 100_000;
    private static final Option MAX_CONNECTIONS =
            Declare.value("max-connections", "Connections at the same time (default " + DEFAULT_CONNECTIONS + ").");

    private final AddressOptions where;
    private final int maxConnections;
    private final EntranceOptions entrance;
    private final NetOptions options;

    NetEchoServer(Arguments arguments) {
        where = new AddressOptions(arguments);
        maxConnections = arguments.intOf(MAX_CONNECTIONS, DEFAULT_CONNECTIONS, 1, Integer.MAX_VALUE);
        entrance = new EntranceOptions(arguments);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax("net-echo-server", "Sends back what it receives, on mill-net.");
        AddressOptions.addTo(syntax);
        syntax.add(MAX_CONNECTIONS);
        EntranceOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
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
            if (connection.write(bytes) == WriteResult.PAUSE) {
                connection.pauseReading();
            }
        }

        @Override
        public void onWritable(Connection connection) {
            connection.resumeReading();
        }
    }
}
