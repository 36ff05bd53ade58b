package io.millio.testkit;

import java.io.IOException;

/** Random programs on random networks: what a loop promises holds under every seed. */
class SwarmTest {
    private static final int SEEDS = 300;

    @Seeds(SEEDS)
    void everyRequestEndsOnceAndInOrderWhateverGoesWrong(SimNetwork network) throws IOException {
        new Swarm(network).run();
    }
}
