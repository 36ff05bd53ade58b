package io.millio.net.account;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * One loop takes what makes memory scarce, and another one gives back what ends that: the level is normal in the end.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "Normal.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The level stays though nothing is scarce.")
@State
public class MemoryLevelStress {
    private final MemoryTotal total = PlainLoopAccount.newTotal();
    private final LoopAccount one = new PlainLoopAccount(total); // without holders: all is passed on at once
    private final LoopAccount other = new PlainLoopAccount(total);

    public MemoryLevelStress() {
        other.hold(200_000);
    }

    @Actor
    public void take() {
        one.hold(500_001);
    }

    @Actor
    public void giveBack() {
        other.free(200_000);
    }

    @Arbiter
    public void look(I_Result r) {
        r.r1 = total.level();
    }
}
