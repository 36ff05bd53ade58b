package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two submissions during one sleep cost one wake-up. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One of them wakes the loop.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None or both do.")
@State
public class WakeWordOnceStress {
    private final WakeWord word = new WakeWord();

    public WakeWordOnceStress() {
        word.sleepUntil(1000);
    }

    @Actor
    public void first(II_Result r) {
        r.r1 = word.claimWakeUp(Long.MIN_VALUE) ? 1 : 0;
    }

    @Actor
    public void second(II_Result r) {
        r.r2 = word.claimWakeUp(999) ? 1 : 0;
    }
}
