package io.millio.task;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Waking one against another that falls asleep again: the stack loses nobody and has nobody twice. */
@JCStressTest
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "The one that was there was woken first.")
@Outcome(id = "2, 0, 1", expect = Expect.ACCEPTABLE, desc = "The one that fell asleep was woken first.")
@State
public class SleepersStackStress {
    private final Sleepers sleepers = new Sleepers(3);

    public SleepersStackStress() {
        sleepers.arrived();
        sleepers.sleep(1, false);
    }

    @Actor
    public void wake(III_Result r) {
        r.r1 = sleepers.claim(false);
    }

    @Actor
    public void fallAsleep() {
        sleepers.sleep(2, false);
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = sleepers.takeAny();
    }
}
