package io.millio.faults.scenario;

import io.millio.net.Connection;
import io.millio.net.StartTls;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Agrees on TLS with the first bytes; faults strike here as well. */
final class StartTlsHandler extends NetCountedHandler {
    private final StartTlsScenario scenario;

    StartTlsHandler(StartTlsScenario scenario) {
        super(scenario);
        this.scenario = scenario;
    }

    @Override
    public void onData(Connection connection, ByteBuffer data) {
        data.position(data.limit());
        connection.write(ByteBuffer.wrap(TlsPeer.AGREEMENT));
        connection.startTls(StartTls.server(Objects.requireNonNull(scenario.context)), new NetEchoHandler(scenario));
    }
}
