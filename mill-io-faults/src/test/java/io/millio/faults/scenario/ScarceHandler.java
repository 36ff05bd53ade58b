package io.millio.faults.scenario;

import io.millio.net.Connection;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Charges so much with the first bytes that it is not read for a while; faults strike here as well. */
final class ScarceHandler extends NetCountedHandler {
    private static final long CHARGED_BYTES = 60_000;
    private static final Duration AWHILE = Duration.ofMillis(20);

    private boolean charged;

    ScarceHandler(NetScenario scenario) {
        super(scenario);
    }

    @Override
    public void onData(Connection connection, ByteBuffer data) {
        if (!charged) {
            charged = true;
            connection.charge(CHARGED_BYTES);
            connection.loop().schedule(AWHILE, () -> connection.release(CHARGED_BYTES));
        }
        connection.write(data);
    }
}
