package io.millio.task;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A worker that arrives for one task against a submitter of another, while a second worker sleeps: the second task
 * wakes the second worker, by exactly one of the two.
 */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The one that arrived saw that there is more.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The submitter saw that nobody is on its way.")
@State
public class SleepersArrivalStress {
    private final SharedQueue queue = new SharedQueue(SharedQueue.UNBOUNDED, 4);
    private final Sleepers sleepers = new Sleepers(2);

    public SleepersArrivalStress() {
        sleepers.sleep(1, false);
        if (queue.offer(() -> {}) != SharedQueue.Offer.TAKEN) {
            throw new AssertionError();
        }
    }

    @Actor
    public void submit(II_Result r) {
        if (queue.offer(() -> {}) == SharedQueue.Offer.TAKEN) {
            r.r1 = sleepers.claim(false) == 1 ? 1 : 0;
        }
    }

    @Actor
    public void arrive(II_Result r) {
        if (queue.poll() != null) {
            sleepers.arrived();
            r.r2 = !queue.isEmpty() && sleepers.claim(false) == 1 ? 1 : 0;
        }
    }
}
