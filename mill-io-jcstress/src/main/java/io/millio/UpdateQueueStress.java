package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A change that queues an element against the loop that updates it for an earlier one: the change is seen. */
@JCStressTest
@Outcome(
        id = {"7, 1", "7, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "Seen by the first update, or by one of its own.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The change is lost.")
@State
public class UpdateQueueStress {
    private final UpdateQueue queue = new UpdateQueue();
    private final CountedUpdate element = new CountedUpdate();

    public UpdateQueueStress() {
        queue.add(element);
    }

    @Actor
    public void change() {
        element.changed = 7;
        queue.add(element);
    }

    @Actor
    public void turn() {
        queue.run();
    }

    @Arbiter
    public void nextTurn(II_Result r) {
        queue.run();
        r.r1 = element.seen;
        r.r2 = element.runs;
    }
}
