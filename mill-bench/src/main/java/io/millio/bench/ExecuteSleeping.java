package io.millio.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From giving a task to a loop that sleeps until it has run. The one who gives it watches for that, and does not sleep.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExecuteSleeping {
    /** Long enough for a loop to have gone to sleep. */
    private static final long PAUSE_NANOS = 200_000;

    @Param({"Mill.EventLoop", "Netty.EventLoop", "JDK.SingleThread"})
    public String subject;

    private final Runnable task = this::ran;
    private ExecuteSubject executing;
    private volatile boolean ran;

    @Setup
    public void open() {
        executing = ExecuteSubject.open(subject);
    }

    @TearDown
    public void close() {
        executing.close();
    }

    /** For each invocation: it is not part of the sample, and is far longer than what JMH adds. */
    @Setup(Level.Invocation)
    public void letItSleep() {
        ran = false;
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    private void ran() {
        ran = true;
    }

    @Benchmark
    public boolean measure() {
        executing.executor().execute(task);
        while (!ran) {
            Thread.onSpinWait();
        }
        return ran;
    }
}
