package io.millio.net;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;

/** Random programs of connections on random networks: what a connection promises holds under every seed. */
class NetSwarmTest {
    @Seeds(value = 3_500, fresh = 100, twice = 20)
    void bytesKeepTheirOrderAndEveryRequestEndsOnceWhateverGoesWrong(SimNetwork network) throws Exception {
        new NetSwarm(network).run();
    }

    // The first one also makes the certificate, by a process.
    @Seeds(value = 300, fresh = 20, twice = 10, timeoutSeconds = 120)
    void theSameHoldsOverTlsAmongClientsThatNeverFinishTheHandshake(SimNetwork network) throws Exception {
        new TlsSwarm(network).run();
    }
}
