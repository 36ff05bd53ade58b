package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The end of opening against the loop that closes: the registration is opened, or it is refused. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One of the two.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or neither.")
@State
public class RunStateOpenStress {
    private final RunState state = new PlainRunState();

    @Actor
    public void open(II_Result r) {
        r.r1 = state.open() ? 1 : 0;
    }

    @Actor
    public void refuse(II_Result r) {
        r.r2 = state.claimRefusal() ? 1 : 0;
    }
}
