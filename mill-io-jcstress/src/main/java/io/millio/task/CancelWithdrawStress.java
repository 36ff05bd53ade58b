package io.millio.task;

import io.millio.internal.TaskQueue.Offer;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Cancelling a task against the pool's withdrawing it at a deadline: both say that it is cancelled, and it counts once.
 */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "Withdrawn by its owner.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Withdrawn by the pool.")
@State
public class CancelWithdrawStress {
    private final PriorityQueues queues = new PriorityQueues(2, 1, 16);
    private final ComputePool pool =
            new ComputePool(queues, NoWorkers.INSTANCE, new ExecutionMeter(() -> 0), UncaughtErrors.INSTANCE);
    private final CompletableFuture<Integer> future;

    public CancelWithdrawStress() {
        ComputeTask<Integer> task = new ComputeTask<>(Priority.NORMAL, () -> 1, null, pool, null);
        future = task.result;
        if (queues.offer(task) != Offer.TAKEN) {
            throw new AssertionError();
        }
    }

    @Actor
    public void cancel(III_Result r) {
        r.r1 = future.cancel(true) && future.isCancelled() ? 1 : 0;
    }

    @Actor
    public void withdraw(III_Result r) {
        for (ComputeTask<?> task : queues.withdrawAll()) {
            task.abandon();
            r.r2++;
        }
    }

    @Arbiter
    public void count(III_Result r) {
        r.r3 = (int) pool.stats().cancelled();
    }
}
