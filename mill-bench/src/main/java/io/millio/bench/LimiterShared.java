package io.millio.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** Asking one limiter for one permit, on two threads at once; the time is that of a call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Threads(2)
public class LimiterShared {
    @Param({"Mill.RateLimiter", "Guava.RateLimiter", "Bucket4j.Bucket"})
    public String subject;

    @Param({"granted", "refused"})
    public String answer;

    private Limiter limiter;

    @Setup
    public void open() {
        limiter = Limiter.open(subject, answer);
    }

    @Benchmark
    public boolean measure() {
        return limiter.tryAcquire();
    }
}
