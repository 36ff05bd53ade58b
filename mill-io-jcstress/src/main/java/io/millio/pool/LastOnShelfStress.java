package io.millio.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The last object lies on the shelf, and two threads want it. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One of them gets it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None or both do.")
@State
public class LastOnShelfStress {
    private final ObjectPool<Object> pool =
            ObjectPool.builder(Object::new).maxSize(1).build();

    public LastOnShelfStress() {
        Shelf.put(pool);
    }

    @Actor
    public void first(II_Result r) {
        r.r1 = pool.tryAcquire() != null ? 1 : 0;
    }

    @Actor
    public void second(II_Result r) {
        r.r2 = pool.tryAcquire() != null ? 1 : 0;
    }
}
