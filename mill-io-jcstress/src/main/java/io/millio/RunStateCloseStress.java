package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Races closing with the end of a run: exactly one of the two claims the call of {@code onClose}, and sees what the run
 * has written.
 */
@JCStressTest
@Outcome(
        id = {"1, 0, 7", "0, 1, 7"},
        expect = Expect.ACCEPTABLE,
        desc = "One claims it, after the run.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both claim it, or none, or before the run has ended.")
@State
public class RunStateCloseStress {
    private final RunState state = new PlainRunState();
    private int written;

    public RunStateCloseStress() {
        state.schedule(0, 0);
    }

    @Actor
    public void close(III_Result r) {
        state.set(RunState.ENDED);
        state.set(RunState.END_READY);
        r.r1 = claim(r);
    }

    @Actor
    public void endOfRun(III_Result r) {
        written = 7;
        r.r2 = (state.finish(0) & RunState.END_READY) != 0 ? claim(r) : 0;
    }

    private int claim(III_Result r) {
        if (!state.claimClose()) {
            return 0;
        }
        r.r3 = written;
        return 1;
    }
}
