package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two producers against each other: both elements are updated. */
@JCStressTest
@Outcome(id = "7, 8", expect = Expect.ACCEPTABLE, desc = "Both.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One is lost.")
@State
public class UpdateQueueTwoStress {
    private final UpdateQueue queue = new UpdateQueue();
    private final CountedUpdate one = new CountedUpdate();
    private final CountedUpdate other = new CountedUpdate();

    @Actor
    public void first() {
        one.changed = 7;
        queue.add(one);
    }

    @Actor
    public void second() {
        other.changed = 8;
        queue.add(other);
    }

    @Arbiter
    public void turn(II_Result r) {
        queue.run();
        r.r1 = one.seen;
        r.r2 = other.seen;
    }
}
