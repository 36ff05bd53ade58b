package io.millio.faults.scenario;

import io.millio.net.Connection;
import java.nio.ByteBuffer;

/** Passes the connection on with the first bytes, which it leaves unread; faults strike here as well. */
final class SwitchingHandler extends NetCountedHandler {
    private final NetScenario scenario;

    SwitchingHandler(NetScenario scenario) {
        super(scenario);
        this.scenario = scenario;
    }

    @Override
    public void onData(Connection connection, ByteBuffer data) {
        connection.handler(new NetEchoHandler(scenario));
    }
}
