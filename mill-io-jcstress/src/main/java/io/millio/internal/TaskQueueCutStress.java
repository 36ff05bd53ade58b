package io.millio.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A producer against a consumer that cuts off used chunks: both tasks come out, in order, now or later. */
@JCStressTest
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "Looked too early.")
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "First task taken at once.")
@State
public class TaskQueueCutStress {
    private record Numbered(int number) implements Runnable {
        @Override
        public void run() {}
    }

    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 1, false);

    public TaskQueueCutStress() {
        // the first chunk is used up; the head moves when there is a next
        if (queue.offer(new Numbered(9)) != TaskQueue.Offer.TAKEN || queue.poll() == null) {
            throw new AssertionError();
        }
    }

    private int take() {
        return queue.poll() instanceof Numbered task ? task.number : 0;
    }

    @Actor
    public void submit() {
        for (int i = 1; i <= 2; i++) {
            if (queue.offer(new Numbered(i)) != TaskQueue.Offer.TAKEN) {
                throw new AssertionError();
            }
        }
    }

    @Actor
    public void consume(III_Result r) {
        r.r1 = take();
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r2 = take();
        r.r3 = take();
    }
}
