package io.millio.bench;

import java.util.concurrent.TimeUnit;
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
 * Firing timers that are all due, each with a task. The bench command counts the operations by {@code live}; the bytes
 * are those of scheduling and firing together.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TimerExpire {
    private static final int WARM_TIMERS = 65_536;
    private static final int WARM_ROUNDS = 6;

    @Param({"Mill.TimerWheel", "Mill.EventLoop", "JDK.Scheduled", "Netty.HashedWheel", "Netty.EventLoop", "Agrona.Wheel"
    })
    public String subject;

    @Param({"4000", "65536", "1000000"})
    public int live;

    private final Delays delays = new Delays();
    private TimerSubject timers;

    /**
     * Those who keep the real time can fire only few timers in a warm-up, so there is one before, on another instance.
     */
    @Setup
    public void open() {
        try (TimerSubject warm = TimerSubject.open(subject, WARM_TIMERS, TimerSubject.DUE_WITHIN_NANOS)) {
            for (int round = 0; round < WARM_ROUNDS; round++) {
                prepare(warm, WARM_TIMERS);
                warm.fire(WARM_TIMERS);
            }
        }
        timers = TimerSubject.open(subject, live, TimerSubject.DUE_WITHIN_NANOS);
    }

    @TearDown
    public void close() {
        timers.close();
    }

    /**
     * For each invocation, since firing uses the timers up. An invocation is long enough for that: 4,000 timers at
     * least.
     */
    @Setup(Level.Invocation)
    public void makeDue() {
        prepare(timers, live);
    }

    private void prepare(TimerSubject of, int count) {
        of.hold();
        of.inTurn(() -> {
            for (int place = 0; place < count; place++) {
                of.schedule(place, delays.within(TimerSubject.DUE_WITHIN_NANOS));
            }
        });
        of.makeDue();
    }

    @Benchmark
    public int measure() {
        timers.fire(live);
        return live;
    }
}
