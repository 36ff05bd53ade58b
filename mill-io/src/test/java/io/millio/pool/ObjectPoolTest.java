package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What {@link ObjectPool} promises to one thread at a time. */
class ObjectPoolTest {
    private final List<Item> made = new ArrayList<>();
    private final List<Item> disposed = new ArrayList<>();

    /** Something pooled; each is another. */
    private static final class Item {
        int resets;
    }

    private Item make() {
        Item item = new Item();
        made.add(item);
        return item;
    }

    private ObjectPoolBuilder<Item> items(int maxSize) {
        return ObjectPool.builder(this::make)
                .dispose(disposed::add)
                .maxSize(maxSize)
                .name("items");
    }

    private static Lease<Item> lease(ObjectPool<Item> pool) {
        return Objects.requireNonNull(pool.tryAcquire());
    }

    @Test
    void makesAnObjectWhenNoneIsIdle() {
        try (ObjectPool<Item> pool = items(2).build();
                Lease<Item> lease = pool.acquire()) {
            assertThat(lease.get()).isSameAs(made.get(0));
            assertThat(pool.stats()).isEqualTo(new PoolStats(1, 1, 0, 1, 0, 0, 0, 0));
        }
    }

    @Test
    void givesOutAgainWhatCameBack() {
        ObjectPool<Item> pool = items(2).build();
        pool.acquire().close();
        Lease<Item> lease = pool.acquire();
        assertThat(lease.get()).isSameAs(made.get(0));
        assertThat(made).hasSize(1);
        assertThat(pool.stats()).isEqualTo(new PoolStats(1, 1, 0, 2, 1, 0, 0, 0));
    }

    @Test
    void refusesAtTheBoundAndTellsTheNumbers() {
        ObjectPool<Item> pool = items(2).build();
        Lease<Item> first = pool.acquire();
        Lease<Item> second = pool.acquire();

        assertThat(pool.tryAcquire()).isNull();
        assertThatExceptionOfType(PoolExhaustedException.class)
                .isThrownBy(pool::acquire)
                .withMessage("pool items is exhausted: 2 of at most 2 objects are leased")
                .satisfies(e -> assertThat(e.limit()).isEqualTo(2))
                .satisfies(e -> assertThat(e.leased()).isEqualTo(2));
        assertThat(pool.stats().exhausted()).isEqualTo(2);

        first.close();
        assertThat(lease(pool).get()).isSameAs(made.get(0));
        second.close();
        assertThat(made).hasSize(2);
    }

    @Test
    void holdsManyMoreThanACacheDoes() {
        int count = LocalCache.CAPACITY * 5;
        ObjectPool<Item> pool = items(count).build();
        for (int round = 0; round < 3; round++) {
            List<Lease<Item>> leases = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                leases.add(pool.acquire());
            }
            assertThat(pool.tryAcquire()).isNull();
            assertThat(leases.stream().map(Lease::get)).doesNotHaveDuplicates();
            leases.forEach(Lease::close);
        }
        assertThat(made).hasSize(count);
        assertThat(pool.stats().idle()).isEqualTo(count);
    }

    @Test
    void resetsWhenGivenBack() {
        ObjectPool<Item> pool = items(1).reset(item -> item.resets++).build();
        Lease<Item> lease = pool.acquire();
        assertThat(made.get(0).resets).isZero();
        lease.close();
        assertThat(made.get(0).resets).isEqualTo(1);
    }

    @Test
    void disposesOfAnObjectWhoseResetFails() {
        ObjectPool<Item> pool = items(1).reset(item -> {
                    throw new UnsupportedOperationException("reset");
                })
                .build();
        Lease<Item> lease = pool.acquire();

        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(lease::close);

        assertThat(disposed).containsExactly(made.get(0));
        assertThat(pool.stats()).isEqualTo(new PoolStats(1, 0, 0, 1, 1, 1, 0, 0));
        assertThatIllegalStateException().isThrownBy(lease::close);
        assertThat(lease(pool).get()).as("the place is free").isSameAs(made.get(1));
    }

    @Test
    void addsAFailureToDisposeToTheFailureToReset() {
        ObjectPool<Item> pool = ObjectPool.builder(this::make)
                .reset(item -> {
                    throw new UnsupportedOperationException("reset");
                })
                .dispose(item -> {
                    throw new ArithmeticException("dispose");
                })
                .maxSize(1)
                .build();
        Lease<Item> lease = pool.acquire();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(lease::close)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("dispose"));
        assertThat(pool.tryAcquire()).isNotNull();
    }

    @Test
    void keepsThePlaceFreeWhenCreateFails() {
        boolean[] failing = {true};
        ObjectPool<Item> pool = ObjectPool.builder(() -> {
                    if (failing[0]) {
                        throw new ArithmeticException("create");
                    }
                    return make();
                })
                .maxSize(1)
                .build();
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(pool::acquire);
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(pool::tryAcquire);
        failing[0] = false;
        assertThat(lease(pool).get()).isSameAs(made.get(0));
    }

    @Test
    @SuppressWarnings("NullAway")
    void refusesNullFromCreate() {
        ObjectPool<Item> pool = ObjectPool.<Item>builder(() -> null).maxSize(1).build();
        assertThatNullPointerException().isThrownBy(pool::acquire).withMessage("create gave null");
        assertThatNullPointerException().isThrownBy(pool::acquire);
    }

    @Test
    void refusesASecondCloseAndUseAfterClose() {
        ObjectPool<Item> pool = items(1).build();
        Lease<Item> lease = pool.acquire();
        lease.close();
        assertThatIllegalStateException().isThrownBy(lease::close).withMessageContaining("items");
        assertThatIllegalStateException().isThrownBy(lease::get).withMessageContaining("items");
        assertThat(pool.stats().released()).isEqualTo(1);
        assertThat(pool.acquire().get()).isSameAs(made.get(0));
    }

    @Test
    void refusesAFormerHoldersCloseDuringTheNextThreeLeases() {
        ObjectPool<Item> pool = items(1).reset(item -> item.resets++).build();
        Lease<Item> former = pool.acquire();
        former.close();
        for (int i = 0; i < 3; i++) {
            Lease<Item> present = pool.acquire();
            assertThatIllegalStateException().isThrownBy(former::close);
            assertThatIllegalStateException().isThrownBy(former::get);
            assertThat(present.get().resets).isEqualTo(i + 1);
            present.close();
        }
        assertThat(pool.acquire()).as("from here on it is not noticed").isSameAs(former);
    }

    @Test
    void closeDisposesOfIdleNowAndOfLeasedWhenTheyComeBack() {
        for (boolean resetting : new boolean[] {false, true}) {
            made.clear();
            disposed.clear();
            ObjectPoolBuilder<Item> builder = items(3);
            ObjectPool<Item> pool = (resetting ? builder.reset(item -> item.resets++) : builder).build();
            Lease<Item> leased = pool.acquire();
            pool.acquire().close();

            pool.close();
            assertThat(disposed).containsExactly(made.get(1));
            assertThat(leased.get()).isSameAs(made.get(0));
            leased.close();

            assertThat(disposed).containsExactly(made.get(1), made.get(0));
            assertThatIllegalStateException().isThrownBy(leased::close);
            assertThatIllegalStateException().isThrownBy(pool::acquire).withMessage("pool items is closed");
            assertThatIllegalStateException().isThrownBy(pool::tryAcquire);
            pool.close();
            assertThat(disposed).hasSize(2);
            assertThat(pool.stats()).isEqualTo(new PoolStats(2, 0, 0, 2, 2, 2, 0, 0));
        }
    }

    @Test
    void closeDisposesOfAllThoughOneDisposeThrows() {
        List<Item> tried = new ArrayList<>();
        ObjectPool<Item> pool = items(3).dispose(item -> {
                    tried.add(item);
                    throw new ArithmeticException("dispose");
                })
                .build();
        Lease<Item> a = pool.acquire();
        Lease<Item> b = pool.acquire();
        a.close();
        b.close();
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(pool::close)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(tried).containsExactlyInAnyOrderElementsOf(made);
        assertThat(pool.stats().disposed()).isEqualTo(2);
    }

    @Test
    void disposesOfWhatIsMadeWhileThePoolCloses() {
        List<ObjectPool<Item>> pools = new ArrayList<>();
        ObjectPool<Item> pool = ObjectPool.builder(() -> {
                    pools.get(0).close();
                    return make();
                })
                .dispose(disposed::add)
                .build();
        pools.add(pool);
        assertThatIllegalStateException().isThrownBy(pool::acquire).withMessageContaining("closed");
        assertThat(disposed).containsExactlyElementsOf(made).hasSize(1);
    }

    @Test
    void disposesOfWhatIsResetWhileThePoolCloses() {
        List<ObjectPool<Item>> pools = new ArrayList<>();
        ObjectPool<Item> pool = items(1).reset(item -> pools.get(0).close()).build();
        pools.add(pool);
        pool.acquire().close();
        assertThat(disposed).containsExactlyElementsOf(made).hasSize(1);
    }

    @Test
    void createMayUseThePoolItself() {
        List<ObjectPool<Item>> pools = new ArrayList<>();
        ObjectPool<Item> pool = ObjectPool.builder(() -> {
                    if (made.isEmpty()) {
                        Item first = make();
                        pools.get(0).acquire().close();
                        return first;
                    }
                    return make();
                })
                .build();
        pools.add(pool);
        assertThat(pool.acquire().get()).isSameAs(made.get(0));
        assertThat(pool.stats().created()).isEqualTo(2);
    }

    @Test
    @SuppressWarnings("NullAway")
    void checksArgumentsNamingThemAndTheirValues() {
        ObjectPoolBuilder<Item> builder = items(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxSize(0))
                .withMessage("maxSize: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.minIdle(-1))
                .withMessage("minIdle: -1, must be at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.idleTime(java.time.Duration.ofNanos(-1)))
                .withMessageContaining("idleTime");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.trackLeaks(0, report -> {}))
                .withMessage("everyNth: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> items(4).minIdle(5).build())
                .withMessage("minIdle: 5, must not be above maxSize: 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.build().trim(-1))
                .withMessage("idleNanos: -1, must be at least 0");
        assertThatNullPointerException()
                .isThrownBy(() -> ObjectPool.builder(null))
                .withMessage("create");
        assertThatNullPointerException().isThrownBy(() -> builder.reset(null)).withMessage("reset");
        assertThatNullPointerException().isThrownBy(() -> builder.dispose(null)).withMessage("dispose");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.nanoClock(null))
                .withMessage("nanoClock");
        assertThatNullPointerException().isThrownBy(() -> builder.name(null)).withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.trackLeaks(1, null))
                .withMessage("listener");
    }
}
