package io.millio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A reader of what runs: the number of a run comes with its own subject. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "Nothing runs.")
@Outcome(
        id = {"1", "2", "3"},
        expect = Expect.ACCEPTABLE,
        desc = "The subject of that run.")
@Outcome(id = "-1", expect = Expect.FORBIDDEN, desc = "The subject of another run.")
@State
public class CurrentRunStress {
    private static final Integer[] SUBJECTS = {0, 1, 2, 3};

    @SuppressWarnings("NullAway") // nothing is measured, so no reactor is asked
    private final CurrentRun run = new CurrentRun(null, null);

    @Actor
    public void runs() {
        run.begin(SUBJECTS[1]);
        run.end();
        run.begin(SUBJECTS[2]);
        run.begin(SUBJECTS[3]);
    }

    @Actor
    public void look(I_Result r) {
        CurrentRun.Snapshot seen = run.snapshot();
        r.r1 = seen == null ? 0 : seen.number() == (Integer) seen.subject() ? (int) seen.number() : -1;
    }
}
