package io.millio.net.pool;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;

/** Random programs of pools on random networks. */
class PoolSwarmTest {
    @Seeds(value = 6_000, fresh = 200, twice = 20)
    void thereAreNeverTooManyConnectionsAndEveryRequestEndsOnceWhateverGoesWrong(SimNetwork network) throws Exception {
        new PoolSwarm(network).run();
    }
}
