package io.millio.faults.scenario;

import io.millio.faults.FaultPoint;

/** The echo of {@link EchoScenario}, by a host that is out of descriptors at first. */
class AcceptScenario extends EchoScenario {
    AcceptScenario(boolean direct) {
        super(direct);
    }

    /** With handlers in the turn. */
    static final class Direct extends AcceptScenario {
        Direct() {
            super(true);
        }
    }

    /** With handlers on workers. */
    static final class Workers extends AcceptScenario {
        Workers() {
            super(false);
        }
    }

    @Override
    int patienceMillis() {
        return 3_000; // the pauses of the listener, each twice the one before
    }

    @Override
    void act() throws Throwable {
        FaultPoint.pause();
        server.exhaustAccepts(3);
        FaultPoint.resume();
        super.act();
    }
}
