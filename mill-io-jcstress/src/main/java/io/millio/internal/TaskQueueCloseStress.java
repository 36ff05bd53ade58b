package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Submitting against the end of the loop: a task is taken and drained, or refused; never both, never neither. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Taken and drained.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
@State
public class TaskQueueCloseStress {
    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 2, true);
    private int drained;

    @Actor
    public void submit(II_Result r) {
        r.r1 = queue.offer(() -> drained++) == TaskQueue.Offer.TAKEN ? 1 : 0;
    }

    @Actor
    public void end() {
        queue.close();
        for (Runnable task; (task = queue.poll()) != null; ) {
            task.run();
        }
    }

    @Arbiter
    public void count(II_Result r) {
        r.r2 = drained;
    }
}
