package io.millio.limit;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;

/** One takes a permit of two while another changes the rate: what was taken is carried over. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "Taken before the change or after it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The permit was lost, or forgotten.")
@State
public class MeterChangeStress {
    private final RateLimiter limiter = RateLimiter.builder()
            .rate(1, Duration.ofDays(1))
            .burst(2)
            .nanoClock(() -> 0)
            .build();

    @Actor
    public void taker(ZJ_Result r) {
        r.r1 = limiter.tryAcquire();
    }

    @Actor
    public void changer() {
        limiter.setRate(2, Duration.ofDays(1));
    }

    @Arbiter
    public void look(ZJ_Result r) {
        r.r2 = limiter.available();
    }
}
