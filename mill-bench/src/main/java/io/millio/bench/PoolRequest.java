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

/** A request to an echo server over loopback: through a pool, or each with a connection of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PoolRequest {
    private static final int TIMES = 100;

    @Param({"Mill.ConnectionPool", "New.Connection"})
    public String subject;

    private PoolClient client;
    private PoolClient.Mode mode;

    @Setup
    public void open() {
        client = new PoolClient();
        mode = switch (subject) {
            case "Mill.ConnectionPool" -> PoolClient.Mode.POOLED;
            case "New.Connection" -> PoolClient.Mode.CONNECT;
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
