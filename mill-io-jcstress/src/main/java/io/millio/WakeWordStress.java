package io.millio;

import io.millio.internal.TaskQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Submitting against going to sleep: the loop finds the task at its second look, or the submitter has to wake it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The loop found the task.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The submitter wakes the loop.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both: one needless wake-up.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "The wake-up is lost.")
@State
public class WakeWordStress {
    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 2, true);
    private final WakeWord word = new WakeWord();

    @Actor
    public void sleep(II_Result r) {
        word.sleepUntil(1000);
        r.r1 = queue.isEmpty() ? 0 : 1;
    }

    @Actor
    public void submit(II_Result r) {
        queue.offer(() -> {});
        r.r2 = word.claimWakeUp(Long.MIN_VALUE) ? 1 : 0;
    }
}
