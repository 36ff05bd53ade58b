package io.millio.bench;

import io.millio.pool.BufferLease;
import io.millio.pool.BufferPool;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
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

/** Taking a direct buffer, writing to it, and giving it back, on one thread; or making a new one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BufferPoolAcquire {
    @Param({"Mill.BufferPool", "Netty.Pooled", "Netty.Adaptive", "JDK.New"})
    public String subject;

    @Param({"1024", "65536"})
    public int bytes;

    private Buffers buffers;

    @Setup
    public void open() {
        buffers = switch (subject) {
            case "Mill.BufferPool" -> new Leased(bytes);
            case "Netty.Pooled" -> new Allocated(PooledByteBufAllocator.DEFAULT, bytes);
            case "Netty.Adaptive" -> new Allocated(new AdaptiveByteBufAllocator(), bytes);
            case "JDK.New" -> new Fresh(bytes);
            default -> throw new IllegalArgumentException("subject: " + subject);
        };
    }

    @TearDown
    public void close() {
        buffers.close();
    }

    @Benchmark
    public void measure(Blackhole used) {
        buffers.use(used);
    }

    private interface Buffers {
        void use(Blackhole used);

        default void close() {}
    }

    private static final class Leased implements Buffers {
        private final BufferPool pool = BufferPool.builder().build();
        private final int bytes;

        Leased(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public void use(Blackhole used) {
            try (BufferLease lease = pool.acquire(bytes)) {
                ByteBuffer buffer = lease.buffer();
                buffer.putLong(0, 1);
                used.consume(buffer);
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private record Allocated(ByteBufAllocator allocator, int bytes) implements Buffers {
        @Override
        public void use(Blackhole used) {
            ByteBuf buffer = allocator.directBuffer(bytes);
            buffer.setLong(0, 1);
            used.consume(buffer);
            buffer.release();
        }
    }

    private record Fresh(int bytes) implements Buffers {
        @Override
        public void use(Blackhole used) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            buffer.putLong(0, 1);
            used.consume(buffer);
        }
    }
}
