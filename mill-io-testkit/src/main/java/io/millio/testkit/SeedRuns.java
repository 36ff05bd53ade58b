package io.millio.testkit;

import org.jspecify.annotations.Nullable;

/** The runs of one test, one after the other, up to the first failure. For the thread of the test. */
final class SeedRuns {
    private final SeedPlan plan;
    private int begun;
    private boolean failed;

    SeedRuns(SeedPlan plan) {
        this.plan = plan;
    }

    /** Returns the next run, or null if there is none. */
    @Nullable
    SeedRun next() {
        if (failed || begun == plan.count()) {
            return null;
        }
        return new SeedRun(this, plan.first() + begun++, plan.timeoutSeconds());
    }

    void failed() {
        failed = true;
    }
}
