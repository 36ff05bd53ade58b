package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an {@link ObjectPool} drops, and when, on a clock that is moved by hand. */
class ObjectPoolTrimTest {
    private final ManualClock clock = new ManualClock();
    private final List<Object> disposed = new ArrayList<>();

    private ObjectPool<Object> pool(int minIdle) {
        return ObjectPool.builder(Object::new)
                .dispose(disposed::add)
                .nanoClock(clock)
                .minIdle(minIdle)
                .idleTime(Duration.ofNanos(100))
                .build();
    }

    private static List<Lease<Object>> acquire(ObjectPool<Object> pool, int count) {
        List<Lease<Object>> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(pool.acquire());
        }
        return leases;
    }

    @Test
    void dropsWhatIsIdleForTheTimeSinceATrimSawIt() {
        ObjectPool<Object> pool = pool(0);
        acquire(pool, 2).forEach(Lease::close);
        assertThat(pool.trim()).isZero();
        clock.nanos += 99;
        assertThat(pool.trim()).isZero();
        clock.nanos += 1;
        assertThat(pool.trim()).isEqualTo(2);
        assertThat(disposed).hasSize(2);
        assertThat(pool.stats().idle()).isZero();
        assertThat(pool.acquire().get()).isNotIn(disposed);
    }

    @Test
    void startsAnewForWhatWasUsedMeanwhile() {
        ObjectPool<Object> pool = pool(0);
        acquire(pool, 2).forEach(Lease::close);
        assertThat(pool.trim()).isZero();
        clock.nanos += 60;
        Object used;
        try (Lease<Object> lease = pool.acquire()) {
            used = lease.get();
        }
        clock.nanos += 60;
        assertThat(pool.trim()).isEqualTo(1);
        assertThat(disposed).doesNotContain(used);
        clock.nanos += 99;
        assertThat(pool.trim()).isZero();
        clock.nanos += 1;
        assertThat(pool.trim()).isEqualTo(1);
    }

    @Test
    void leavesTheLeastIdle() {
        ObjectPool<Object> pool = pool(3);
        List<Lease<Object>> leases = acquire(pool, 10);
        leases.subList(0, 5).forEach(Lease::close);
        assertThat(pool.trim(0)).isEqualTo(2);
        assertThat(pool.stats().idle()).isEqualTo(3);
        assertThat(pool.stats().leased()).isEqualTo(5);
        assertThat(pool.trim(0)).isZero();
    }

    @Test
    void zeroDropsAllIdleAtOnceFromCacheAndShelf() {
        ObjectPool<Object> pool = pool(0);
        int count = LocalCache.CAPACITY * 3;
        acquire(pool, count).forEach(Lease::close);
        assertThat(pool.trim(0)).isEqualTo(count);
        assertThat(disposed).hasSize(count).doesNotHaveDuplicates();
        assertThat(pool.stats()).isEqualTo(new PoolStats(count, 0, 0, count, count, count, 0, 0));
        acquire(pool, count).forEach(Lease::close);
        assertThat(pool.stats().created()).isEqualTo(2L * count);
    }

    @Test
    void whatIsLeasedIsNeverDropped() {
        ObjectPool<Object> pool = pool(0);
        List<Lease<Object>> leases = acquire(pool, 5);
        assertThat(pool.trim(0)).isZero();
        clock.nanos += 1_000;
        assertThat(pool.trim(0)).isZero();
        assertThat(leases).allSatisfy(lease -> assertThat(lease.get()).isNotIn(disposed));
    }

    @Test
    void freesThePlacesOfWhatItDrops() {
        ObjectPool<Object> pool = ObjectPool.builder(Object::new).maxSize(2).build();
        acquire(pool, 2).forEach(Lease::close);
        assertThat(pool.trim(0)).isEqualTo(2);
        assertThat(acquire(pool, 2)).hasSize(2);
        assertThat(pool.tryAcquire()).isNull();
    }

    @Test
    void aPlaceIsTakenUntilItsObjectIsDisposedOf() {
        List<ObjectPool<Object>> pools = new ArrayList<>();
        List<Boolean> refused = new ArrayList<>();
        ObjectPool<Object> pool = ObjectPool.builder(Object::new)
                .maxSize(1)
                .dispose(object -> refused.add(pools.get(0).tryAcquire() == null))
                .build();
        pools.add(pool);
        acquire(pool, 1).forEach(Lease::close);
        assertThat(pool.trim(0)).isEqualTo(1);
        assertThat(refused).containsExactly(true);
        assertThat(pool.tryAcquire()).isNotNull();
    }
}
