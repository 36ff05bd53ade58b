package io.millio.net;

import java.nio.ByteBuffer;
import java.util.List;

/** An echo for all connections of a server, which records them. */
public record EchoAccepted(List<Connection> accepted) implements ConnectionHandler {
    @Override
    public void onOpen(Connection connection) {
        accepted.add(connection);
    }

    @Override
    public void onData(Connection connection, ByteBuffer bytes) {
        connection.write(bytes);
    }
}
