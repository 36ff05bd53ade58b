package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two consumers, and the end of a chunk between the two tasks: each task is taken by one of them. */
@JCStressTest
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "One each.")
@Outcome(id = "2, 1, 0", expect = Expect.ACCEPTABLE, desc = "One each, the other way round.")
@State
public class TaskQueueTakeStress {
    private record Numbered(int number) implements Runnable {
        @Override
        public void run() {}
    }

    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 1, false);

    public TaskQueueTakeStress() {
        for (int i = 1; i <= 2; i++) {
            if (queue.offer(new Numbered(i)) != TaskQueue.Offer.TAKEN) {
                throw new AssertionError();
            }
        }
    }

    private int take() {
        return queue.poll() instanceof Numbered task ? task.number : 0;
    }

    @Actor
    public void one(III_Result r) {
        r.r1 = take();
    }

    @Actor
    public void other(III_Result r) {
        r.r2 = take();
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = take();
    }
}
