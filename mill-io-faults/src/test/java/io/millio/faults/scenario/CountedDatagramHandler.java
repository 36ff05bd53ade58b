package io.millio.faults.scenario;

import io.millio.net.DatagramHandler;
import io.millio.net.UdpEndpoint;
import org.jspecify.annotations.Nullable;

/** A handler whose {@code onClose}, in which no fault strikes, is counted. */
abstract class CountedDatagramHandler implements DatagramHandler {
    private final UdpScenario scenario;

    CountedDatagramHandler(UdpScenario scenario) {
        this.scenario = scenario;
    }

    @Override
    public final void onClose(UdpEndpoint endpoint, @Nullable Throwable failure) {
        scenario.endpointClosed();
    }
}
