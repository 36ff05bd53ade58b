package io.millio.faults.scenario;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import org.jspecify.annotations.Nullable;

/**
 * A handler whose first and last callbacks, in which no fault strikes, are counted. It may replace another one, or be
 * replaced.
 */
abstract class NetCountedHandler implements ConnectionHandler {
    private final NetScenario scenario;
    private boolean opened;

    NetCountedHandler(NetScenario scenario) {
        this.scenario = scenario;
    }

    @Override
    public final void onOpen(Connection connection) {
        scenario.expect(!opened, "onOpen was called twice");
        opened = true;
        scenario.open.add(connection);
    }

    @Override
    public final void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
        scenario.expect(scenario.open.remove(connection), "onClose was called without onOpen, or twice");
        if (failure != null) {
            scenario.caught.add(failure);
        }
    }
}
