package io.millio.bench;

import io.millio.task.Queues;
import io.millio.task.WorkerPool;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Bursts of tiny tasks to a pool of threads, each waited for: what it takes to hand over and to wake. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WorkerHandOff {
    @Param({"Mill.Shared", "Mill.PerWorker", "JDK.ThreadPool"})
    public String subject;

    @Param({"2", "4"})
    public int workers;

    private Pool pool;
    private Burst burst;

    private record Pool(Executor executor, Runnable end) {}

    @Setup
    public void open() {
        burst = new Burst();
        pool = switch (subject) {
            case "Mill.Shared" -> millPool(Queues.SHARED);
            case "Mill.PerWorker" -> millPool(Queues.PER_WORKER);
            case "JDK.ThreadPool" -> jdkPool();
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    private Pool millPool(Queues queues) {
        WorkerPool threads =
                WorkerPool.builder().workers(workers).queues(queues).build();
        return new Pool(threads, threads::close);
    }

    private Pool jdkPool() {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        return new Pool(threads, threads::shutdown);
    }

    @TearDown
    public void close() {
        pool.end.run();
    }

    @Benchmark
    @OperationsPerInvocation(Burst.TASKS)
    public int measure() {
        burst.begin();
        for (int i = 0; i < Burst.TASKS; i++) {
            pool.executor.execute(burst);
        }
        return burst.await();
    }
}
