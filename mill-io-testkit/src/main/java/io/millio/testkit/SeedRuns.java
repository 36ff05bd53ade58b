package io.millio.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one test, one after the other. The first failure is the last, but when there were faults: then runs
 * follow that look for those it needs, and the last of them fails in its place. For the thread of the test.
 */
final class SeedRuns {
    private final SeedPlan plan;
    private int begun;
    private @Nullable SeedRun last;
    private @Nullable SeedRun failing;
    private boolean isLast;
    private @Nullable FaultShrinker shrinker;

    SeedRuns(SeedPlan plan) {
        this.plan = plan;
    }

    /** Returns the next run, or null if there is none. */
    @Nullable
    SeedRun next() {
        SeedRun ended = last;
        if (ended != null && ended.hasFailed()) {
            return null;
        }
        last = shrinker != null ? nextOfShrinking(shrinker) : nextOfPlan(ended);
        return last;
    }

    private @Nullable SeedRun nextOfPlan(@Nullable SeedRun ended) {
        if (ended != null && begun <= plan.twice() && ended.hasPassed() && !ended.isSecond()) {
            return run(ended.seed(), "again", SimFaults.LeftOut.NONE, ended.trace());
        }
        Long seed = plan.seed(begun++);
        return seed == null ? null : run(seed, "", SimFaults.LeftOut.NONE, null);
    }

    private @Nullable SeedRun nextOfShrinking(FaultShrinker by) {
        SeedRun first = failing;
        if (first == null || isLast) {
            return null;
        }
        SimFaults.LeftOut next = by.next();
        if (next != null) {
            return run(first.seed(), "with fewer faults", next, null);
        }
        isLast = true;
        return run(first.seed(), "with the faults it needs", by.leftOut(), null);
    }

    private SeedRun run(long seed, String how, SimFaults.LeftOut leftOut, @Nullable SimTrace firstTrace) {
        return new SeedRun(this, seed, how, plan.timeoutSeconds(), leftOut, firstTrace);
    }

    /**
     * A run has passed, or fails for the first time; returns what there is to say about a failure, also of an earlier
     * run, or null if another run will say it.
     */
    @Nullable
    String ended(SeedRun run, @Nullable Throwable failure, boolean canBeRepeated) {
        SeedRun first = failing;
        if (shrinker != null && first != null) {
            boolean likewise = failure != null && first.failedLike(failure);
            if (!isLast) {
                shrinker.ran(likewise, run.faults());
                return null;
            }
            return likewise ? shrinker.describe() : first.describeUnrepeated();
        }
        List<SimFaults.Fault> faults = run.faults();
        if (failure == null || faults.isEmpty() || !canBeRepeated || !plan.shrinks()) {
            return "";
        }
        failing = run;
        shrinker = new FaultShrinker(faults);
        return null;
    }
}
