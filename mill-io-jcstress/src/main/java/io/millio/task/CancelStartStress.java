package io.millio.task;

import io.millio.internal.TaskQueue.Offer;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Cancelling a task against its start: it runs or is cancelled, never both, never neither. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "It ran.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "It was cancelled.")
@State
public class CancelStartStress {
    private final PriorityQueues queues = new PriorityQueues(2, 1, 16);
    private final ComputePool pool =
            new ComputePool(queues, NoWorkers.INSTANCE, new ExecutionMeter(() -> 0), UncaughtErrors.INSTANCE);
    private final CompletableFuture<Integer> future;
    private int ran;

    public CancelStartStress() {
        ComputeTask<Integer> task = new ComputeTask<>(Priority.NORMAL, () -> ++ran, null, pool, null);
        future = task.result;
        if (queues.offer(task) != Offer.TAKEN) {
            throw new AssertionError();
        }
    }

    @Actor
    public void start() {
        Runnable task = queues.poll();
        if (task != null) {
            task.run();
        }
    }

    @Actor
    public void cancel(II_Result r) {
        r.r2 = future.cancel(true) ? 1 : 0;
    }

    @Arbiter
    public void count(II_Result r) {
        r.r1 = ran;
        if (!future.isDone() || future.isCancelled() != (r.r2 == 1)) {
            r.r1 = -1;
        }
    }
}
