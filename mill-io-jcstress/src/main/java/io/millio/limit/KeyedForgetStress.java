package io.millio.limit;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two take the only permit of a key; one of them has what is at rest forgotten before. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "The first had it.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "The second had it.")
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "A key was forgotten that was in use.")
@Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "A permit was lost.")
@State
public class KeyedForgetStress {
    private final KeyedRateLimiter<String> limiter = RateLimiter.builder()
            .rate(1, Duration.ofDays(1))
            .burst(1)
            .nanoClock(() -> 0)
            .buildKeyed(4);

    @Actor
    public void first(ZZ_Result r) {
        r.r1 = limiter.tryAcquire("key");
    }

    @Actor
    public void second(ZZ_Result r) {
        limiter.trim();
        r.r2 = limiter.tryAcquire("key");
    }
}
