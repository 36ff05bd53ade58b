package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * An event against the end of a run: it begins the next run, or the end of this one finds that it must be armed again.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The event begins the next run.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The run under way arms the source again.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The event is lost, or two runs are under way.")
@State
public class RunStateArmStress {
    private final RunState state = new PlainRunState();

    public RunStateArmStress() {
        state.schedule(0, 0);
    }

    @Actor
    public void event(II_Result r) {
        r.r1 = state.schedule(0, RunState.DISARMED) ? 1 : 0;
    }

    @Actor
    public void endOfRun(II_Result r) {
        r.r2 = (state.finish(0) & RunState.DISARMED) != 0 ? 1 : 0;
    }
}
