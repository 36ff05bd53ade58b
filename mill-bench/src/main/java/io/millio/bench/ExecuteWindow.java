package io.millio.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A task from another thread, while a thousand are under way: what a busy loop pays and costs for each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExecuteWindow {
    private static final int WINDOW = 1000;

    @Param({"Mill.EventLoop", "Netty.EventLoop", "JDK.SingleThread"})
    public String subject;

    private final AtomicLong ran = new AtomicLong();
    private final Runnable task = () -> ran.lazySet(ran.getPlain() + 1); // by one thread only
    private ExecuteSubject executing;
    private long submitted;

    @Setup
    public void open() {
        executing = ExecuteSubject.open(subject);
    }

    @TearDown
    public void close() {
        executing.close();
    }

    @Benchmark
    public long measure() {
        while (submitted - ran.get() >= WINDOW) {
            Thread.onSpinWait();
        }
        executing.executor().execute(task);
        return ++submitted;
    }
}
