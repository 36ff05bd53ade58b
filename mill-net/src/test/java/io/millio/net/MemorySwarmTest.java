package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.testkit.Seeds;
import io.millio.testkit.SimNetwork;
import org.junit.jupiter.api.AfterAll;

/** Random programs on a small memory budget: what is counted is what is held, and all of it is given back. */
class MemorySwarmTest {
    private static final MemorySwarm.Seen SEEN = new MemorySwarm.Seen();
    private static int runs;

    @Seeds(value = 300, fresh = 50, twice = 10)
    void whatIsCountedIsWhatIsHeldWhateverGoesWrong(SimNetwork network) throws Exception {
        runs++;
        new MemorySwarm(network, false, SEEN).run();
    }

    @Seeds(value = 60, fresh = 10, timeoutSeconds = 120)
    void theSameHoldsOverTls(SimNetwork network) throws Exception {
        runs++;
        new MemorySwarm(network, true, SEEN).run();
    }

    /** Else the programs would show nothing; a run of few seeds alone may not come to all. */
    @AfterAll
    static void theProgramsHaveComeToEveryDefence() {
        System.out.println("paused " + SEEN.paused + ", resumed " + SEEN.resumed + ", expired " + SEEN.expired
                + ", shed " + SEEN.shed + ", over the limit " + SEEN.overLimit + ", refused " + SEEN.refused + " in "
                + runs + " runs");
        if (runs >= 300) {
            assertThat(new long[] {SEEN.paused, SEEN.resumed, SEEN.expired, SEEN.shed, SEEN.overLimit, SEEN.refused})
                    .doesNotContain(0);
        }
    }
}
