package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Submitting against closing and draining: a task is taken and comes out, or is refused; never both, never neither. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Taken and drained.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
@State
public class TaskQueueLinkStress {
    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 1, false);
    private int drained;

    public TaskQueueLinkStress() {
        // so that the submitter has to link a chunk
        if (queue.offer(() -> {}) != TaskQueue.Offer.TAKEN) {
            throw new AssertionError();
        }
    }

    @Actor
    public void submit(II_Result r) {
        r.r1 = queue.offer(() -> drained++) == TaskQueue.Offer.TAKEN ? 1 : 0;
    }

    @Actor
    public void end() {
        queue.close();
        while (!queue.isDrained()) {
            Runnable task = queue.poll();
            if (task != null) {
                task.run();
            }
        }
    }

    @Arbiter
    public void count(II_Result r) {
        r.r2 = drained;
    }
}
