package io.millio.http;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;

/** Random clients and handlers on random networks: what the server promises holds under every seed. */
class HttpSwarmTest {
    @Seeds(value = 2_200, fresh = 100, twice = 20)
    void answersComeWholeAndInOrderWhateverGoesWrong(SimNetwork network) throws Exception {
        new HttpSwarm(network).run();
    }
}
