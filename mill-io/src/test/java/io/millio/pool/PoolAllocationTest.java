package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Acquiring and giving back makes no garbage in the steady state, on none of the ways. */
class PoolAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int SERIES = 10;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long allocatedBytes() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void assertAllocatesNothing(Runnable round) {
        // What a round allocates shows in each series; what is loaded or compiled at its first use shows in some.
        long least = Long.MAX_VALUE;
        for (int series = 0; series < SERIES && least > 0; series++) {
            long before = allocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            least = Math.min(least, (allocatedBytes() - before) / ROUNDS);
        }
        assertThat(least).as("bytes a round").isZero();
    }

    @Test
    void fromTheThreadsOwnCache() {
        ObjectPool<Object> pool = ObjectPool.builder(Object::new).build();
        assertAllocatesNothing(() -> pool.acquire().close());
        ObjectPool<Object> resetting =
                ObjectPool.builder(Object::new).reset(object -> {}).build();
        assertAllocatesNothing(() -> resetting.acquire().close());
    }

    @Test
    void throughTheDepot() {
        ObjectPool<Object> pool = ObjectPool.builder(Object::new).build();
        ArrayDeque<Lease<Object>> leases = new ArrayDeque<>(256);
        assertAllocatesNothing(() -> {
            for (int i = 0; i < 100; i++) {
                leases.push(pool.acquire());
            }
            for (int i = 0; i < 100; i++) {
                leases.pop().close();
            }
        });
    }

    @Test
    void refusals() {
        ObjectPool<Object> pool = ObjectPool.builder(Object::new).maxSize(1).build();
        try (Lease<Object> lease = pool.acquire()) {
            assertAllocatesNothing(pool::tryAcquire);
            assertThat(lease.get()).isNotNull();
        }
    }

    @Test
    void buffers() {
        BufferPool pool = BufferPool.builder().build();
        assertAllocatesNothing(() -> {
            try (BufferLease lease = pool.acquire(1000)) {
                lease.buffer().putInt(1);
            }
        });
    }

    @Test
    void givingBackOnAThreadThatNeverAcquires() throws Exception {
        ObjectPool<Object> pool = ObjectPool.builder(Object::new).build();
        ArrayBlockingQueue<Lease<Object>> handedOver = new ArrayBlockingQueue<>(2 * ROUNDS);
        for (int i = 0; i < 2 * ROUNDS && pool.stats().leased() < 1024; i++) {
            handedOver.add(pool.acquire());
        }
        FutureTask<Long> giver = new FutureTask<>(() -> {
            handedOver.remove().close();
            long before = allocatedBytes();
            for (Lease<Object> lease; (lease = handedOver.poll()) != null; ) {
                lease.close();
            }
            return allocatedBytes() - before;
        });
        new Thread(giver, "giver").start();
        assertThat(giver.get(Threads.DEADLINE_SECONDS, TimeUnit.SECONDS) / 1023).isZero();
    }

    @Test
    void aSmallCallIsNotLostInTheDivision() {
        // The measure itself: an object a round must show.
        long before = allocatedBytes();
        Object[] kept = new Object[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            kept[i] = new Object();
        }
        assertThat((allocatedBytes() - before) / kept.length).isPositive();
    }
}
