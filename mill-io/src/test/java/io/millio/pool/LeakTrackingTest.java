package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Leases that are let go of without being closed. */
class LeakTrackingTest {
    private final List<LeakReport> reports = new CopyOnWriteArrayList<>();
    private final AtomicInteger disposed = new AtomicInteger();

    private ObjectPoolBuilder<Object> pool(int everyNth) {
        return ObjectPool.builder(Object::new)
                .dispose(object -> disposed.incrementAndGet())
                .maxSize(2)
                .name("leaky")
                .trackLeaks(everyNth, reports::add);
    }

    private static void leak(ObjectPool<?> pool) {
        Objects.requireNonNull(pool.acquire());
    }

    private static void leakAndClose(ObjectPool<?> pool) {
        Lease<?> lease = pool.acquire();
        lease.close();
        assertThatIllegalStateException().isThrownBy(lease::close);
    }

    @Test
    void reportsWhereALeakedLeaseWasTakenAndFreesItsPlace() {
        ObjectPool<Object> pool = pool(1).build();
        leak(pool);
        leak(pool);
        assertThat(pool.tryAcquire()).isNull();

        Threads.collectUntil(() -> reports.size() == 2);

        LeakReport report = reports.get(0);
        assertThat(report.pool()).isEqualTo("leaky");
        assertThat(report.takenBy()).isEqualTo(Thread.currentThread().getName());
        assertThat(report.takenAt().getStackTrace())
                .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("leak"));
        assertThat(report.disposeFailure()).isNull();
        assertThat(disposed).hasValue(2);
        assertThat(pool.stats()).isEqualTo(new PoolStats(2, 0, 0, 2, 0, 2, 1, 2));
        assertThat(pool.acquire().get()).isNotNull();
        assertThat(pool.acquire().get()).isNotNull();
    }

    @Test
    void aClosedLeaseIsNoLeak() {
        ObjectPool<Object> pool = pool(1).build();
        for (int i = 0; i < 10; i++) {
            leakAndClose(pool);
        }
        leak(pool);
        Threads.collectUntil(() -> !reports.isEmpty());
        assertThat(reports).hasSize(1);
        assertThat(pool.stats()).isEqualTo(new PoolStats(1, 0, 0, 11, 10, 1, 0, 1));
    }

    @Test
    void aFormerHoldersCloseIsAlwaysNoticedWhenEveryLeaseIsTracked() {
        ObjectPool<Object> pool = pool(1).build();
        Lease<Object> former = pool.acquire();
        former.close();
        for (int i = 0; i < 20; i++) {
            try (Lease<Object> present = pool.acquire()) {
                assertThat(present).isNotSameAs(former);
                assertThatIllegalStateException().isThrownBy(former::close);
                assertThatIllegalStateException().isThrownBy(former::get);
                assertThat(present.get()).isNotNull();
            }
        }
    }

    @Test
    void watchesEveryNthLeaseOnly() {
        ObjectPool<Object> pool = pool(3).maxSize(9).build();
        for (int i = 0; i < 9; i++) {
            leak(pool);
        }
        Threads.collectUntil(() -> reports.size() == 3);
        assertThat(pool.stats().leaked()).isEqualTo(3);
        assertThat(pool.stats().leased()).isEqualTo(6);
    }

    @Test
    void aLeaseThatIsHeldIsNotReported() {
        ObjectPool<Object> pool = pool(1).build();
        Lease<Object> held = pool.acquire();
        leak(pool);
        Threads.collectUntil(() -> !reports.isEmpty());
        assertThat(held.get()).isNotNull();
        held.close();
        assertThat(reports).hasSize(1);
    }

    @Test
    void tellsWhatDisposingOfALeakedObjectThrew() {
        ObjectPool<Object> pool = pool(1).dispose(object -> {
                    throw new ArithmeticException("dispose");
                })
                .build();
        leak(pool);
        Threads.collectUntil(() -> !reports.isEmpty());
        assertThat(reports.get(0).disposeFailure()).hasMessage("dispose");
        assertThat(pool.stats().disposed()).isEqualTo(1);
    }

    @Test
    void aLeaseLeakedFromAClosedPoolIsReportedToo() {
        ObjectPool<Object> pool = pool(1).build();
        leak(pool);
        pool.close();
        Threads.collectUntil(() -> !reports.isEmpty());
        assertThat(disposed).hasValue(1);
    }

    @Test
    void freesTheBytesOfALeakedBuffer() {
        BufferPool buffers = BufferPool.builder()
                .minBytes(64)
                .maxBytes(64)
                .maxTotalBytes(128)
                .trackLeaks(1, reports::add)
                .build();
        List<Integer> capacities = new ArrayList<>();
        capacities.add(buffers.acquire(64).buffer().capacity());
        capacities.add(buffers.acquire(64).buffer().capacity());
        assertThat(capacities).containsExactly(64, 64);
        Threads.collectUntil(() -> reports.size() == 2);
        BufferPoolStats stats = buffers.stats();
        assertThat(stats.heldBytes()).isZero();
        assertThat(stats.leasedBytes()).isZero();
        assertThat(stats.buffers().leaked()).isEqualTo(2);
    }
}
