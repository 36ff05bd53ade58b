package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two producers and room for one task: one of them gets it. */
@JCStressTest
@Outcome(
        id = {"1, 0, 1", "0, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One is taken, the other refused.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None or both.")
@State
public class TaskQueueBoundStress {
    private final TaskQueue queue = new TaskQueue(1, 1, false);

    public TaskQueueBoundStress() {
        // The chunk is used up, so that the producers have to link another.
        if (queue.offer(() -> {}) != TaskQueue.Offer.TAKEN || queue.poll() == null) {
            throw new AssertionError();
        }
    }

    private int offer() {
        return queue.offer(() -> {}) == TaskQueue.Offer.TAKEN ? 1 : 0;
    }

    @Actor
    public void one(III_Result r) {
        r.r1 = offer();
    }

    @Actor
    public void other(III_Result r) {
        r.r2 = offer();
    }

    @Arbiter
    public void count(III_Result r) {
        r.r3 = (int) (queue.offered() - queue.taken());
    }
}
