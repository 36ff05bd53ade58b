package io.millio.faults.scenario;

import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.Relay;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Connects to another server with the first bytes, and passes everything on; faults strike here as well. */
final class RelayingHandler implements ConnectionHandler {
    private final RelayScenario scenario;
    private boolean connecting;
    private boolean over;

    RelayingHandler(RelayScenario scenario) {
        this.scenario = scenario;
    }

    @Override
    public void onData(Connection front, ByteBuffer data) {
        if (connecting) {
            return;
        }
        connecting = true;
        front.pauseReading();
        CompletableFuture<?> unused = scenario.client
                .connect(scenario.echo, front.loop(), new BackHandler(front))
                .whenComplete((back, failure) -> {
                    if (failure != null) {
                        scenario.failed(failure);
                        front.abort();
                    }
                });
    }

    @Override
    public void onClose(Connection front, CloseCause cause, @Nullable Throwable failure) {
        over = true;
        scenario.failed(failure);
    }

    /** Of the other connection until the relay begins. */
    private final class BackHandler implements ConnectionHandler {
        private final Connection front;

        BackHandler(Connection front) {
            this.front = front;
        }

        @Override
        public void onOpen(Connection back) {
            if (over) {
                back.abort();
            } else {
                scenario.relayed(Relay.connect(front, back));
            }
        }

        @Override
        public void onData(Connection back, ByteBuffer data) {}

        @Override
        public void onClose(Connection back, CloseCause cause, @Nullable Throwable failure) {
            scenario.failed(failure);
            front.abort();
        }
    }
}
