package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millio.internal.VirtualThreads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What {@link ObjectPool} promises to many threads. */
class ObjectPoolThreadsTest {
    private static final int THREADS = 8;

    /** Something that notices being held twice, and being used after its end. */
    private static final class Item {
        final AtomicBoolean held = new AtomicBoolean();
        final AtomicBoolean gone = new AtomicBoolean();
        int plainUses;
    }

    private final AtomicInteger existing = new AtomicInteger();
    private final AtomicInteger mostExisting = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();

    private void expect(boolean condition) {
        if (!condition) {
            failures.incrementAndGet();
        }
    }

    private Item make() {
        mostExisting.accumulateAndGet(existing.incrementAndGet(), Math::max);
        return new Item();
    }

    private void dispose(Item item) {
        expect(!item.held.get());
        expect(item.gone.compareAndSet(false, true));
        existing.decrementAndGet();
    }

    private ObjectPoolBuilder<Item> items(int maxSize) {
        return ObjectPool.builder(this::make).dispose(this::dispose).maxSize(maxSize);
    }

    private void onThreads(int threads, Callable<?> task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(threads);
        List<Future<?>> futures = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            futures.add(executor.submit(() -> {
                start.countDown();
                start.await();
                return task.call();
            }));
        }
        for (Future<?> future : futures) {
            future.get(Threads.DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        executor.shutdown();
        assertThat(failures).hasValue(0);
    }

    private void use(Lease<Item> lease) {
        Item item = lease.get();
        expect(item.held.compareAndSet(false, true));
        expect(!item.gone.get());
        item.plainUses++;
    }

    private void giveBack(Lease<Item> lease) {
        lease.get().held.set(false);
        lease.close();
    }

    @Test
    void neitherLosesNorDoublesNorExceedsUnderRandomInterleavings() throws Exception {
        int maxSize = 10_000;
        int steps = 15_000;
        ObjectPool<Item> pool = items(maxSize).build();
        ConcurrentLinkedQueue<Lease<Item>> handedOver = new ConcurrentLinkedQueue<>();
        AtomicInteger seed = new AtomicInteger();
        onThreads(THREADS, () -> {
            SplittableRandom random = new SplittableRandom(seed.incrementAndGet());
            List<Lease<Item>> mine = new ArrayList<>();
            for (int i = 0; i < steps; i++) {
                // First more comes than goes, so that the bound is reached.
                int acquiring = i < steps / 2 ? 750 : 500;
                int what = random.nextInt(1000);
                Lease<Item> other = what < 200 ? handedOver.poll() : null;
                if (other != null) {
                    giveBack(other);
                } else if (what < acquiring) {
                    Lease<Item> lease = pool.tryAcquire();
                    if (lease != null) {
                        use(lease);
                        mine.add(lease);
                    }
                } else if (what == 999) {
                    pool.trim(0);
                } else if (!mine.isEmpty()) {
                    Lease<Item> lease = mine.remove(random.nextInt(mine.size()));
                    if (random.nextInt(4) == 0) {
                        handedOver.add(lease);
                    } else {
                        giveBack(lease);
                    }
                }
            }
            mine.forEach(this::giveBack);
            return null;
        });
        handedOver.forEach(this::giveBack);

        PoolStats stats = pool.stats();
        assertThat(mostExisting.get()).isLessThanOrEqualTo(maxSize);
        assertThat(stats.exhausted()).as("refusals, or the bound was not tried").isPositive();
        assertThat(stats.leased()).isZero();
        assertThat(stats.acquired()).isEqualTo(stats.released());
        assertThat(stats.created() - stats.disposed()).isEqualTo(existing.get()).isEqualTo(stats.idle());
        // All of them are still to be had, and no more than the bound.
        Set<Item> all = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Lease<Item> lease; (lease = pool.tryAcquire()) != null; ) {
            assertThat(all.add(lease.get())).isTrue();
        }
        assertThat(all).hasSize(maxSize);
    }

    @Test
    void aSmallPoolUnderContentionNeverExceedsItsBound() throws Exception {
        ObjectPool<Item> pool = items(3).reset(item -> item.plainUses--).build();
        onThreads(THREADS, () -> {
            for (int i = 0; i < 20_000; i++) {
                Lease<Item> lease = pool.tryAcquire();
                if (lease != null) {
                    use(lease);
                    expect(lease.get().plainUses == 1);
                    giveBack(lease);
                }
            }
            return null;
        });
        assertThat(mostExisting.get()).isLessThanOrEqualTo(3);
        assertThat(pool.stats().leased()).isZero();
        assertThat(pool.stats().idle()).isEqualTo(existing.get());
    }

    @Test
    void asManyObjectsAsThreadsAreAlwaysEnough() throws Exception {
        ObjectPool<Item> pool = items(THREADS).build();
        onThreads(THREADS, () -> {
            for (int i = 0; i < 20_000; i++) {
                Lease<Item> lease = pool.acquire();
                use(lease);
                giveBack(lease);
            }
            return null;
        });
        assertThat(pool.stats().exhausted()).isZero();
    }

    @Test
    void closingDuringUseDisposesOfEachOnce() throws Exception {
        for (int round = 0; round < 200; round++) {
            ObjectPoolBuilder<Item> builder = items(50);
            ObjectPool<Item> pool = (round % 2 == 0 ? builder : builder.reset(item -> {})).build();
            AtomicInteger ready = new AtomicInteger();
            onThreads(4, () -> {
                if (ready.incrementAndGet() == 4) {
                    pool.close();
                    return null;
                }
                try {
                    for (int i = 0; i < 10_000; i++) {
                        Lease<Item> lease = pool.acquire();
                        use(lease);
                        giveBack(lease);
                    }
                } catch (IllegalStateException e) {
                    expect(String.valueOf(e.getMessage()).contains("closed"));
                }
                return null;
            });
            assertThat(existing).hasValue(0);
            PoolStats stats = pool.stats();
            assertThat(stats.created()).isEqualTo(stats.disposed());
            assertThat(stats.leased() + stats.idle()).isZero();
        }
    }

    @Test
    void aLeaseMayBeClosedOnAnotherThread() throws Exception {
        ObjectPool<Item> pool = items(1).build();
        Lease<Item> lease = pool.acquire();
        Item item = lease.get();
        Threads.onDeadThread(() -> {
            lease.close();
            return true;
        });
        assertThatIllegalStateException().isThrownBy(lease::close);
        assertThat(pool.acquire().get()).isSameAs(item);
    }

    @Test
    void takesWhatLiesInTheCacheOfALiveThread() throws Exception {
        ObjectPool<Item> pool = items(1).build();
        pool.acquire().close();
        Item stolen = Threads.onDeadThread(() -> {
            Lease<Item> lease = pool.acquire();
            Item item = lease.get();
            lease.close();
            return item;
        });
        assertThat(pool.acquire().get()).isSameAs(stolen);
        assertThat(pool.tryAcquire()).isNull();
    }

    @Test
    void whatADeadThreadHadAtHandGoesToAll() throws Exception {
        ObjectPool<Item> pool = items(10).build();
        for (int i = 0; i < 5; i++) {
            Threads.onDeadThread(() -> {
                Lease<Item> a = pool.acquire();
                Lease<Item> b = pool.acquire();
                a.close();
                b.close();
                return true;
            });
        }
        assertThat(pool.stats().created())
                .as("each thread takes over from the last")
                .isEqualTo(2);
        assertThat(pool.stats()).isEqualTo(new PoolStats(2, 0, 2, 10, 10, 0, 0, 0));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadsKeepNothingAtHand() throws Exception {
        ObjectPool<Item> pool = items(10).build();
        Lease<Item> mine = pool.acquire();
        Item item = mine.get();
        mine.close();
        Item first = Threads.onVirtualThread(() -> {
            expect(VirtualThreads.isVirtual(Thread.currentThread()));
            Lease<Item> lease = pool.acquire();
            Item own = lease.get();
            lease.close();
            return own;
        });
        assertThat(first).as("new, for the other was in this thread's cache").isNotSameAs(item);
        Item second = Threads.onVirtualThread(() -> {
            try (Lease<Item> lease = pool.acquire()) {
                return lease.get();
            }
        });
        assertThat(second).as("left on the shelf, for all").isSameAs(first);
        assertThat(failures).hasValue(0);
    }

    @Test
    void platformThreadsAreNotVirtual() {
        assertThat(VirtualThreads.isVirtual(Thread.currentThread())).isFalse();
    }
}
