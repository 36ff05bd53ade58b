package io.millio.linux;

import io.millio.linux.sys.UseCount;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two closes: one of them closes, and gives the descriptor back. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One does.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both do, or none.")
@State
public class UseCountTwoClosesStress {
    private final UseCount count = new UseCount() {};

    @Actor
    public void one(II_Result r) {
        r.r1 = count.shut() && count.leave() ? 1 : 0;
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = count.shut() && count.leave() ? 1 : 0;
    }
}
