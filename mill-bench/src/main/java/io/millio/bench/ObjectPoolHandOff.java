package io.millio.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
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

/** Acquiring an object on one thread and releasing it on another, both on fast threads of Netty's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObjectPoolHandOff {
    private static final int TIMES = 10_000;
    private static final int WINDOW = 256;

    @Param({"Mill.ObjectPool", "Netty.Recycler", "JDK.New"})
    public String subject;

    private Pair<?> pair;

    @Setup
    public void open() {
        pair = new Pair<>(ObjectPoolSubject.open(subject));
        pair.releaser.start();
    }

    @TearDown
    public void close() throws InterruptedException {
        pair.releaser.interrupt();
        pair.releaser.join();
        pair.holders.close();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void measure(Blackhole used) {
        pair.run(used);
    }

    private static final class Pair<L> {
        private final ObjectPoolSubject<L> holders;
        private final AtomicReferenceArray<@Nullable L> window = new AtomicReferenceArray<>(WINDOW);
        private final Thread releaser =
                new io.netty.util.concurrent.FastThreadLocalThread(this::releaseAll, "releaser");
        private int next;

        Pair(ObjectPoolSubject<L> holders) {
            this.holders = holders;
        }

        void run(Blackhole used) {
            for (int i = 0; i < TIMES; i++) {
                while (window.get(next) != null) {
                    Thread.onSpinWait();
                }
                L lease = holders.acquire();
                holders.use(lease, used);
                window.lazySet(next, lease);
                next = (next + 1) % WINDOW;
            }
        }

        private void releaseAll() {
            int place = 0;
            while (!Thread.currentThread().isInterrupted()) {
                L lease = window.get(place);
                if (lease == null) {
                    Thread.onSpinWait();
                    continue;
                }
                holders.release(lease);
                window.lazySet(place, null);
                place = (place + 1) % WINDOW;
            }
        }
    }
}
