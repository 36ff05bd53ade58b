package io.millio.limit;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two take the last permit. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "The first had it.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "The second had it.")
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "One permit was given twice.")
@Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "A permit was lost.")
@State
public class MeterTakeStress {
    private final RateLimiter limiter = RateLimiter.builder()
            .rate(1, Duration.ofDays(1))
            .burst(1)
            .nanoClock(() -> 0)
            .build();

    @Actor
    public void first(ZZ_Result r) {
        r.r1 = limiter.tryAcquire();
    }

    @Actor
    public void second(ZZ_Result r) {
        r.r2 = limiter.tryAcquire();
    }
}
