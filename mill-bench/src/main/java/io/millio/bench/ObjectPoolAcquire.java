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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Taking an object of a kibibyte, writing to it, and giving it back, on one thread; or making a new one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObjectPoolAcquire {
    @Param({"Mill.ObjectPool", "Netty.Recycler", "JDK.New"})
    public String subject;

    private ObjectPoolSubject<?> holders;

    @Setup
    public void open() {
        holders = ObjectPoolSubject.open(subject);
    }

    @TearDown
    public void close() {
        holders.close();
    }

    @Benchmark
    public void measure(Blackhole used) {
        use(holders, used);
    }

    private static <L> void use(ObjectPoolSubject<L> holders, Blackhole used) {
        L lease = holders.acquire();
        holders.use(lease, used);
        holders.release(lease);
    }
}
