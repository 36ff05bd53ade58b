package io.millio.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a holder writes to the object, the next one sees, wherever the object was in between. */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 0", "0, -1", "-1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "The second sees what the first wrote, or is refused.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A write is lost, or both have it.")
@State
public class HandOverStress {
    private final ObjectPool<int[]> pool =
            ObjectPool.builder(() -> new int[1]).maxSize(1).build();

    private int use() {
        Lease<int[]> lease = pool.tryAcquire();
        if (lease == null) {
            return -1;
        }
        int seen = lease.get()[0]++;
        lease.close();
        return seen;
    }

    @Actor
    public void first(II_Result r) {
        r.r1 = use();
    }

    @Actor
    public void second(II_Result r) {
        r.r2 = use();
    }
}
