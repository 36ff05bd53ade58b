package io.millio.faults.scenario;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import org.jspecify.annotations.Nullable;

/** A handler whose first and last callbacks, in which no fault strikes, are counted. */
abstract class NetCountedHandler implements ConnectionHandler {
    private final NetScenario scenario;
    private boolean open;

    NetCountedHandler(NetScenario scenario) {
        this.scenario = scenario;
    }

    @Override
    public final void onOpen(Connection connection) {
        scenario.expect(!open, "onOpen was called twice");
        open = true;
        scenario.open++;
    }

    @Override
    public final void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
        scenario.expect(open, "onClose was called without onOpen, or twice");
        open = false;
        if (failure != null) {
            scenario.caught.add(failure);
        }
        scenario.open--;
    }
}
