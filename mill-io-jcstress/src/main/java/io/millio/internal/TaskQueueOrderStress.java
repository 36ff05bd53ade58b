package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two producers at once, across the end of a chunk: every task is there once, those of each producer in order. */
@JCStressTest
@Outcome(id = "12, 34", expect = Expect.ACCEPTABLE, desc = "All of them, in order.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost, there twice, or out of order.")
@State
public class TaskQueueOrderStress {
    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 2, true);
    private int ofFirst;
    private int ofSecond;

    @Actor
    public void first() {
        queue.offer(() -> ofFirst = ofFirst * 10 + 1);
        queue.offer(() -> ofFirst = ofFirst * 10 + 2);
    }

    @Actor
    public void second() {
        queue.offer(() -> ofSecond = ofSecond * 10 + 3);
        queue.offer(() -> ofSecond = ofSecond * 10 + 4);
    }

    @Arbiter
    public void drain(II_Result r) {
        for (Runnable task; (task = queue.poll()) != null; ) {
            task.run();
        }
        r.r1 = ofFirst;
        r.r2 = ofSecond;
    }
}
