package io.millio.bench;

import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.util.concurrent.CompletableFuture;
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
import org.openjdk.jmh.infra.Blackhole;

/** Bursts of tiny computations to a pool with a thread a processor, with a future for each result or without. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ComputeSubmit {
    private static final Integer RESULT = 1;

    @Param({"Mill.ComputePool", "JDK.ThreadPool"})
    public String subject;

    @Param({"execute", "future"})
    public String way;

    private Pool pool;
    private Burst burst;
    private CompletableFuture<?>[] futures;

    @Setup
    public void open() {
        int workers = Runtime.getRuntime().availableProcessors();
        burst = new Burst();
        futures = new CompletableFuture<?>[Burst.TASKS];
        pool = switch (subject) {
            case "Mill.ComputePool" -> new Mill(ComputePool.create(workers));
            case "JDK.ThreadPool" -> new Jdk(Executors.newFixedThreadPool(workers));
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    @TearDown
    public void close() {
        pool.close();
    }

    @Benchmark
    @OperationsPerInvocation(Burst.TASKS)
    public void measure(Blackhole used) {
        if (way.equals("future")) {
            for (int i = 0; i < Burst.TASKS; i++) {
                futures[i] = pool.compute();
            }
            for (CompletableFuture<?> future : futures) {
                used.consume(future.join());
            }
        } else {
            burst.begin();
            for (int i = 0; i < Burst.TASKS; i++) {
                pool.execute(burst);
            }
            used.consume(burst.await());
        }
    }

    private interface Pool {
        CompletableFuture<Integer> compute();

        void execute(Runnable task);

        void close();
    }

    private record Mill(ComputePool pool) implements Pool {
        @Override
        public CompletableFuture<Integer> compute() {
            return pool.compute(Priority.NORMAL, () -> RESULT);
        }

        @Override
        public void execute(Runnable task) {
            pool.execute(Priority.NORMAL, task);
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private record Jdk(ExecutorService pool) implements Pool {
        @Override
        public CompletableFuture<Integer> compute() {
            return CompletableFuture.supplyAsync(() -> RESULT, pool);
        }

        @Override
        public void execute(Runnable task) {
            pool.execute(task);
        }

        @Override
        public void close() {
            pool.shutdown();
        }
    }
}
