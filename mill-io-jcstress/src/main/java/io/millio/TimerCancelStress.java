package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Cancelling a timer against its firing: it runs, or it is cancelled. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "It runs; the cancellation says that it came too late.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "It is cancelled and does not run.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or neither.")
@State
public class TimerCancelStress {
    private final TimerState timer = new PlainTimerState(5);

    @Actor
    public void fire(II_Result r) {
        r.r1 = timer.begin(5, false) ? 1 : 0;
    }

    @Actor
    public void cancel(II_Result r) {
        r.r2 = timer.markCancelled() ? 1 : 0;
    }
}
