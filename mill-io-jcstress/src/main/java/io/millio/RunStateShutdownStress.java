package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Races a shutdown with the end of a run: the run in progress notifies the handler, or a run of its own does. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One of them notifies it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It is notified twice, or never.")
@State
public class RunStateShutdownStress {
    private final RunState state = new PlainRunState();

    public RunStateShutdownStress() {
        state.schedule(0, 0);
    }

    @Actor
    public void shutdown(II_Result r) {
        r.r1 = state.schedule(RunState.NOTIFY_SHUTDOWN, RunState.NOTIFY_SHUTDOWN) ? 1 : 0;
    }

    @Actor
    public void endOfRun(II_Result r) {
        r.r2 = (state.finish(RunState.NOTIFY_SHUTDOWN) & RunState.SCHEDULED) == 0 ? 1 : 0;
    }
}
