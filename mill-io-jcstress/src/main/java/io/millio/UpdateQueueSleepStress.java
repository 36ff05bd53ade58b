package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Queueing an update against going to sleep: the loop finds it at its second look, or the producer wakes the loop. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "Found, or woken; both is one needless wake-up.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The wake-up is lost.")
@State
public class UpdateQueueSleepStress {
    private final UpdateQueue queue = new UpdateQueue();
    private final WakeWord word = new WakeWord();

    @Actor
    public void sleep(II_Result r) {
        word.sleepUntil(1000);
        r.r1 = queue.isEmpty() ? 0 : 1;
    }

    @Actor
    public void change(II_Result r) {
        queue.add(new CountedUpdate());
        r.r2 = word.claimWakeUp(Long.MIN_VALUE) ? 1 : 0;
    }
}
