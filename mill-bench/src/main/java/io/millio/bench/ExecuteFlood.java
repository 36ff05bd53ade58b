package io.millio.bench;

import java.util.concurrent.CountDownLatch;
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

/** Ten million tasks from another thread, as fast as they can be given, until the last has run. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExecuteFlood {
    private static final int TASKS = 10_000_000;

    @Param({"Mill.EventLoop", "Netty.EventLoop", "JDK.SingleThread"})
    public String subject;

    private ExecuteSubject executing;

    @Setup
    public void open() {
        executing = ExecuteSubject.open(subject);
    }

    @TearDown
    public void close() {
        executing.close();
    }

    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int measure() throws InterruptedException {
        Flood flood = new Flood();
        for (int i = 0; i < TASKS; i++) {
            executing.executor().execute(flood);
        }
        flood.over.await();
        return flood.ran;
    }

    /** The one task, which runs on one thread. */
    private static final class Flood implements Runnable {
        final CountDownLatch over = new CountDownLatch(1);
        int ran;

        @Override
        public void run() {
            if (++ran == TASKS) {
                over.countDown();
            }
        }
    }
}
