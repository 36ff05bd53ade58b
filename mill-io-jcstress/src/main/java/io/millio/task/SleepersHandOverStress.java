package io.millio.task;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A worker that goes to sleep against a submitter: the task is taken, or somebody wakes the worker. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Taken before it slept.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Woken, by exactly one of the two.")
@State
public class SleepersHandOverStress {
    private final SharedQueue queue = new SharedQueue(SharedQueue.UNBOUNDED, 2);
    private final Sleepers sleepers = new Sleepers(1);
    private int wokenBySubmitter;
    private int wokenByItself;
    private int taken;

    @Actor
    public void submit() {
        if (queue.offer(() -> {}) == SharedQueue.Offer.TAKEN && sleepers.claim(false) == 0) {
            wokenBySubmitter = 1;
        }
    }

    @Actor
    public void work() {
        if (queue.poll() != null) {
            taken = 1;
            sleepers.arrived();
            return;
        }
        sleepers.sleep(0, true);
        if (!queue.isEmpty() && sleepers.claim(false) == 0) {
            wokenByItself = 1;
        }
    }

    @Arbiter
    public void count(II_Result r) {
        r.r1 = taken;
        r.r2 = wokenBySubmitter + wokenByItself;
    }
}
