package io.millio.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A pool is closed while a thread uses it. */
@JCStressTest
@Outcome(
        id = {"0, 0", "1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "What was made is disposed of once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Never or twice.")
@State
public class CloseReturnStress {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger disposed = new AtomicInteger();
    private final ObjectPool<Object> pool = ObjectPool.<Object>builder(made::incrementAndGet)
            .dispose(object -> disposed.incrementAndGet())
            .build();

    @Actor
    public void user() {
        try {
            pool.acquire().close();
            pool.acquire().close();
        } catch (IllegalStateException e) {
            // Closed already.
        }
    }

    @Actor
    public void closer() {
        pool.close();
    }

    @Arbiter
    public void end(II_Result r) {
        r.r1 = made.get();
        r.r2 = disposed.get();
    }
}
