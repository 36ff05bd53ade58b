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
 * Starting a timer and cancelling it at once, while many others are live: what a request does with its time-out.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerScheduleCancel {
    /** As many in a turn, so that the turn itself does not count. */
    private static final int BATCH = 1000;

    @Param({"Mill.TimerWheel", "Mill.EventLoop", "JDK.Scheduled", "Netty.HashedWheel", "Netty.EventLoop", "Agrona.Wheel"
    })
    public String subject;

    @Param({"4000", "65536", "1000000"})
    public int live;

    private final Delays delays = new Delays();
    private final Runnable batch = this::batch;
    private TimerSubject timers;
    private int cancelled;

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
        return cancelled;
    }

    private void batch() {
        for (int i = 0; i < BATCH; i++) {
            timers.schedule(live, delays.farNanos());
            cancelled += timers.cancel(live) ? 1 : 0;
        }
    }
}
