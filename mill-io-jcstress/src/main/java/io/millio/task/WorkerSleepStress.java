package io.millio.task;

import io.millio.internal.TaskQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A worker that goes to sleep against a submitter: the task is taken, or the worker is woken. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Taken before it slept.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Woken.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The task waits, and the worker sleeps.")
@State
public class WorkerSleepStress {
    private final TaskQueue queue = new TaskQueue(TaskQueue.UNBOUNDED, 2, false);
    private final WorkerThreads threads = new WorkerThreads(queue, 1, NotStarted::new, (task, thrown) -> {});
    private boolean taken;

    /** Its work is done by an actor. */
    private static final class NotStarted extends Thread {
        NotStarted(Runnable task) {
            super(task);
        }

        @Override
        public void start() {}
    }

    public WorkerSleepStress() {
        threads.prepare();
    }

    @Actor
    public void submit() {
        if (queue.offer(() -> {}) == TaskQueue.Offer.TAKEN) {
            threads.signal();
        }
    }

    @Actor
    public void work() {
        taken = queue.poll() != null;
        if (!taken) {
            threads.workers[0].fallAsleep(true);
        }
    }

    @Arbiter
    public void count(II_Result r) {
        r.r1 = taken ? 1 : 0;
        r.r2 = threads.workers[0].awake ? 1 : 0;
    }
}
