package io.millio.faults.scenario;

import io.millio.EventHandler;
import io.millio.Registration;
import org.jspecify.annotations.Nullable;

/** A handler whose {@code onClose}, in which no fault strikes, is counted. */
abstract class CountedHandler implements EventHandler {
    final SimScenario scenario;

    CountedHandler(SimScenario scenario) {
        this.scenario = scenario;
    }

    @Override
    public final void onClose(Registration registration, @Nullable Throwable cause) {
        scenario.closed(this);
    }
}
