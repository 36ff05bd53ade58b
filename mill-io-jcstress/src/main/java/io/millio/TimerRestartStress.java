package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Moving a timer away against its firing: it waits for the new deadline in any case, and the restart knows which came
 * first.
 */
@JCStressTest
@Outcome(id = "1, 2, 1", expect = Expect.ACCEPTABLE, desc = "It ran, and the restart begins it anew.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was moved away in time.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It ran at a deadline that was void, or does not wait.")
@State
public class TimerRestartStress {
    private final TimerState timer = new PlainTimerState(5);

    @Actor
    public void fire(III_Result r) {
        r.r1 = timer.begin(5, false) ? 1 : 0;
    }

    @Actor
    public void restart(III_Result r) {
        r.r2 = timer.markRestarted(9) == TimerState.Restarted.LATER ? 1 : 2;
    }

    @Arbiter
    public void waits(III_Result r) {
        r.r3 = timer.isWaiting() && timer.deadlineNanos() == 9 ? 1 : 0;
    }
}
