package io.millio.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The last object is in the cache of one thread, who takes it again while another steals it. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "One of them gets it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None or both do.")
@State
public class LastInCacheStress {
    private final ObjectPool<Object> pool =
            ObjectPool.builder(Object::new).maxSize(1).build();

    @Actor
    public void owner(II_Result r) {
        Lease<Object> lease = pool.tryAcquire();
        if (lease != null) {
            lease.close();
            lease = pool.tryAcquire();
        }
        r.r1 = lease != null ? 1 : 0;
    }

    @Actor
    public void thief(II_Result r) {
        r.r2 = pool.tryAcquire() != null ? 1 : 0;
    }
}
