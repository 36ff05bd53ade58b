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

/** Asking a limiter for one permit; on how many threads, the subclasses say. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public abstract class LimiterLoad {
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
