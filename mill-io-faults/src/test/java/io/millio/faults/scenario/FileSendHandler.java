package io.millio.faults.scenario;

import io.millio.net.Connection;
import java.nio.ByteBuffer;

/** Answers each line with a part of a file between two bytes; faults strike here as well. */
final class FileSendHandler extends NetCountedHandler {
    private final TransferScenario scenario;

    FileSendHandler(TransferScenario scenario) {
        super(scenario);
        this.scenario = scenario;
    }

    @Override
    public void onData(Connection connection, ByteBuffer data) {
        while (data.hasRemaining()) {
            if (data.get() == '\n') {
                connection.write(scenario.text("<"));
                scenario.transferred(
                        connection, connection.transferFrom(scenario.file, TransferScenario.SKIPPED, Long.MAX_VALUE));
                connection.write(scenario.text(">"));
            }
        }
    }
}
