package io.millio.pool;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two threads close one lease of a pool that disposes of its objects. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One of them succeeds, the other gets an IllegalStateException.")
@Outcome(expect = Expect.FORBIDDEN, desc = "None or both succeed, or the count of resets is wrong.")
@State
public class DoubleCloseStress {
    private final ObjectPool<int[]> pool =
            ObjectPool.builder(() -> new int[1]).dispose(count -> {}).maxSize(1).build();
    private final Lease<int[]> lease = pool.acquire();
    private final int[] resets = lease.get();

    private int close() {
        try {
            lease.close();
            return 1;
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    @Actor
    public void first(III_Result r) {
        r.r1 = close();
    }

    @Actor
    public void second(III_Result r) {
        r.r2 = close();
    }

    @Arbiter
    public void resets(III_Result r) {
        r.r3 = resets[0];
    }
}
