package io.millio.http;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;

/** Random clients and handlers on random networks: what the server promises holds under every seed. */
class HttpSwarmTest {
    @Seeds(300)
    void answersComeWholeAndInOrderWhateverGoesWrong(SimNetwork network) throws Exception {
        new HttpSwarm(network).run();
    }
}
