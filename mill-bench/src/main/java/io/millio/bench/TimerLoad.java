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

/** An operation on timers while many are live; which, the subclasses say. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public abstract class TimerLoad {
    /** As many in a turn, so that the turn itself does not count. */
    private static final int BATCH = 1000;

    @Param({"Mill.TimerWheel", "Mill.EventLoop", "JDK.Scheduled", "Netty.HashedWheel", "Netty.EventLoop", "Agrona.Wheel"
    })
    public String subject;

    @Param({"4000", "65536", "1000000"})
    public int live;

    final Delays delays = new Delays();
    TimerSubject timers;

    private final Runnable batch = this::batch;
    private int succeeded;

    /** One place more than there are live timers is free. */
    @Setup
    public void open() {
        timers = TimerSubject.open(subject, live + 1, 2 * TimerSubject.SPREAD_NANOS);
        timers.inTurn(() -> {
            for (int place = 0; place < live; place++) {
                timers.schedule(place, delays.farNanos());
            }
        });
    }

    @TearDown
    public void close() {
        timers.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int measure() {
        timers.inTurn(batch);
        return succeeded;
    }

    private void batch() {
        for (int i = 0; i < BATCH; i++) {
            succeeded += operate();
        }
    }

    /** The operation; returns 1 if it has done what it should. */
    abstract int operate();
}
