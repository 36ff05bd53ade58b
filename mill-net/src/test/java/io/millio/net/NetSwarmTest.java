package io.millio.net;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;

/** Random programs of connections on random networks: what a connection promises holds under every seed. */
class NetSwarmTest {
    @Seeds(300)
    void bytesKeepTheirOrderAndEveryRequestEndsOnceWhateverGoesWrong(SimNetwork network) throws Exception {
        new NetSwarm(network).run();
    }

    @Seeds(300)
    void theSameHoldsOverTlsAmongClientsThatNeverFinishTheHandshake(SimNetwork network) throws Exception {
        new TlsSwarm(network).run();
    }
}
