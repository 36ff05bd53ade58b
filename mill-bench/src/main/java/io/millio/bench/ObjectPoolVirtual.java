package io.millio.bench;

import java.lang.reflect.Method;
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

/** Acquiring and releasing an object on a virtual thread, a hundred times on each. Needs Java 21. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObjectPoolVirtual {
    private static final int TIMES = 100;

    // Public since Java 21, and this is compiled for 17.
    private Method start;

    @Param({"Mill.ObjectPool", "Netty.Recycler", "JDK.New"})
    public String subject;

    private ObjectPoolSubject<?> holders;

    @Setup
    public void open() throws NoSuchMethodException {
        start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        holders = ObjectPoolSubject.open(subject);
    }

    @TearDown
    public void close() {
        holders.close();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void measure(Blackhole used) throws ReflectiveOperationException, InterruptedException {
        Runnable task = () -> use(holders, used);
        ((Thread) start.invoke(null, task)).join();
    }

    private static <L> void use(ObjectPoolSubject<L> holders, Blackhole used) {
        for (int i = 0; i < TIMES; i++) {
            L lease = holders.acquire();
            holders.use(lease, used);
            holders.release(lease);
        }
    }
}
