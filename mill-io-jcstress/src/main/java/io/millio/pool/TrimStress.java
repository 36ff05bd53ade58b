package io.millio.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An idle object is taken while a trim drops it. */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 2"},
        expect = Expect.ACCEPTABLE,
        desc = "Dropped or taken; a dropped one is replaced.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, or neither.")
@State
public class TrimStress {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger disposed = new AtomicInteger();
    private final ObjectPool<Object> pool = ObjectPool.<Object>builder(made::incrementAndGet)
            .dispose(object -> disposed.incrementAndGet())
            .build();

    @Actor
    public void user() {
        pool.acquire().close();
        // Stays leased.
        if (pool.acquire().get() == null) {
            throw new AssertionError("a lease without an object");
        }
    }

    @Actor
    public void trimmer() {
        if (pool.trim(0) < 0) {
            throw new AssertionError("fewer than none");
        }
    }

    @Arbiter
    public void end(II_Result r) {
        r.r1 = disposed.get();
        r.r2 = made.get();
    }
}
