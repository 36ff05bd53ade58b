package io.millio.testkit;

import org.jspecify.annotations.Nullable;

/** The runs of one test, one after the other, up to the first failure. For the thread of the test. */
final class SeedRuns {
    private final SeedPlan plan;
    private int begun;
    private @Nullable SeedRun last;

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
        if (ended != null && begun <= plan.twice() && ended.hasPassed() && !ended.isSecond()) {
            last = new SeedRun(ended.seed(), plan.timeoutSeconds(), ended.trace());
            return last;
        }
        Long seed = plan.seed(begun++);
        last = seed == null ? null : new SeedRun(seed, plan.timeoutSeconds(), null);
        return last;
    }
}
