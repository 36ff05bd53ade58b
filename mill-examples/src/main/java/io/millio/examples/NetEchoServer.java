package io.millio.examples;

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

    private final Arguments arguments;
    private final int maxConnections;

    NetEchoServer(Arguments arguments) {
        this.arguments = arguments;
        maxConnections = arguments.intOf(MAX_CONNECTIONS, DEFAULT_CONNECTIONS, 1, Integer.MAX_VALUE);
    }

    static Syntax syntax() {
        return Servers.syntax("net-echo-server", "Sends back what it receives, on mill-net.", MAX_CONNECTIONS);
    }

    @Override
    public int run(Console console) throws IOException {
        return Servers.run(
                arguments, TcpServer.builder().maxConnections(maxConnections).handler(new Echoing()));
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
