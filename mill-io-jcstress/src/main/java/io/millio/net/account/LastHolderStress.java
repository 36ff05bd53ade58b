package io.millio.net.account;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** The last holder of a loop leaves while another thread frees what one had: one of the two passes it on. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "All is given back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The total keeps bytes, or lacks some, for good.")
@State
public class LastHolderStress {
    private final MemoryTotal total = PlainLoopAccount.newTotal();
    private final LoopAccount loop = new PlainLoopAccount(total);

    public LastHolderStress() {
        loop.join();
        loop.hold(1000);
    }

    @Actor
    public void free() {
        loop.free(1000);
    }

    @Actor
    public void leave() {
        loop.leave();
    }

    @Arbiter
    public void look(J_Result r) {
        r.r1 = total.usedBytes();
    }
}
