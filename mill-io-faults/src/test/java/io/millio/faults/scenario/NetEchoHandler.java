package io.millio.faults.scenario;

import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import java.nio.ByteBuffer;

/** The handler of a connection, in which faults strike as well. */
final class NetEchoHandler extends NetCountedHandler implements ConnectionHandler {
    NetEchoHandler(NetScenario scenario) {
        super(scenario);
    }

    @Override
    public void onData(Connection connection, ByteBuffer data) {
        connection.write(data);
    }
}
