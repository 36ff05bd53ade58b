package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Adding against closing: the element is updated by the closing loop, or refused. */
@JCStressTest
@Outcome(
        id = {"1, 1", "0, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "Accepted and updated, or refused.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Accepted and lost, or refused and updated.")
@State
public class UpdateQueueCloseStress {
    private final UpdateQueue queue = new UpdateQueue();
    private final CountedUpdate element = new CountedUpdate();

    @Actor
    public void add(II_Result r) {
        r.r1 = queue.add(element) ? 1 : 0;
    }

    @Actor
    public void close() {
        queue.close();
    }

    @Arbiter
    public void end(II_Result r) {
        r.r2 = element.runs;
    }
}
