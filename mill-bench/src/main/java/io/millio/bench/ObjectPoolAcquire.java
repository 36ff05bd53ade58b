package io.millio.bench;

import io.millio.pool.Lease;
import io.millio.pool.ObjectPool;
import io.netty.util.Recycler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

    private Holders holders;

    @Setup
    public void open() {
        holders = switch (subject) {
            case "Mill.ObjectPool" -> new Pooled();
            case "Netty.Recycler" -> new Recycled();
            case "JDK.New" -> new Fresh();
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    @TearDown
    public void close() {
        holders.close();
    }

    @Benchmark
    public void measure(Blackhole used) {
        holders.use(used);
    }

    /** What is pooled. */
    private static final class Holder {
        private final byte[] bytes = new byte[1024];
        private final Recycler.@Nullable Handle<Holder> handle; // of a recycler

        Holder(Recycler.@Nullable Handle<Holder> handle) {
            this.handle = handle;
        }

        void use(Blackhole used) {
            bytes[7]++;
            used.consume(this); // it gets away, so that the compiler does not do without it
        }
    }

    private interface Holders {
        void use(Blackhole used);

        default void close() {}
    }

    private static final class Pooled implements Holders {
        private final ObjectPool<Holder> pool =
                ObjectPool.builder(() -> new Holder(null)).build();

        @Override
        public void use(Blackhole used) {
            try (Lease<Holder> lease = pool.acquire()) {
                lease.get().use(used);
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static final class Recycled implements Holders {
        private final Recycler<Holder> recycler = new Recycler<>() {
            @Override
            protected Holder newObject(Handle<Holder> handle) {
                return new Holder(handle);
            }
        };

        @Override
        public void use(Blackhole used) {
            Holder holder = recycler.get();
            holder.use(used);
            if (holder.handle != null) {
                holder.handle.recycle(holder);
            }
        }
    }

    private static final class Fresh implements Holders {
        @Override
        public void use(Blackhole used) {
            new Holder(null).use(used);
        }
    }
}
