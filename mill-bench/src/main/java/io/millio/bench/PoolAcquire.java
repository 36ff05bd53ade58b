package io.millio.bench;

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

/**
 * Acquiring and releasing an idle connection on the loop, without a future; next to it, a round trip on a connection
 * that is held.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PoolAcquire {
    private static final int TIMES = 1000;

    @Param({"Mill.ConnectionPool", "Loopback.RoundTrip"})
    public String subject;

    private PoolClient client;
    private PoolClient.Mode mode;

    @Setup
    public void open() {
        client = new PoolClient();
        mode = switch (subject) {
            case "Mill.ConnectionPool" -> PoolClient.Mode.ACQUIRE;
            case "Loopback.RoundTrip" -> PoolClient.Mode.ROUND_TRIP;
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    @TearDown
    public void close() {
        client.close();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void measure() {
        client.run(mode, TIMES);
    }
}
