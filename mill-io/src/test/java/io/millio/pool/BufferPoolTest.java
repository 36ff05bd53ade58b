package io.millio.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.ref.WeakReference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What {@link BufferPool} promises. */
class BufferPoolTest {
    private final ManualClock clock = new ManualClock();
    private final BufferPool pool = BufferPool.builder()
            .minBytes(64)
            .maxBytes(1024)
            .maxTotalBytes(2048)
            .nanoClock(clock)
            .name("buffers")
            .build();

    private BufferLease lease(int bytes) {
        return Objects.requireNonNull(pool.tryAcquire(bytes));
    }

    private void hold(int bytes, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(pool.acquire(bytes).buffer().capacity()).isEqualTo(bytes);
        }
    }

    @Test
    void givesTheSmallestSizeThatIsEnough() {
        int[][] expected = {{1, 64}, {64, 64}, {65, 128}, {128, 128}, {129, 256}, {512, 512}, {513, 1024}, {1024, 1024}
        };
        for (int[] sizes : expected) {
            try (BufferLease lease = pool.acquire(sizes[0])) {
                assertThat(lease.buffer().capacity()).as("for " + sizes[0]).isEqualTo(sizes[1]);
            }
        }
    }

    @Test
    void aBufferIsDirectAndAsNewEachTime() {
        for (int i = 0; i < 10; i++) {
            try (BufferLease lease = pool.acquire(100)) {
                ByteBuffer buffer = lease.buffer();
                assertThat(buffer.isDirect()).isTrue();
                assertThat(buffer.isReadOnly()).isFalse();
                assertThat(buffer.position()).isZero();
                assertThat(buffer.limit()).isEqualTo(128);
                assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                assertThat(lease.buffer()).isSameAs(buffer);
                buffer.order(ByteOrder.LITTLE_ENDIAN).putInt(i).flip();
            }
        }
        assertThat(pool.stats().buffers().created()).isEqualTo(1);
    }

    @Test
    void refusesSizesOutOfRange() {
        for (int bytes : new int[] {Integer.MIN_VALUE, -1, 0, 1025, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pool.acquire(bytes))
                    .withMessage("bytes: " + bytes + ", must be from 1 to 1024");
            assertThatIllegalArgumentException().isThrownBy(() -> pool.tryAcquire(bytes));
        }
    }

    @Test
    void refusesAtTheBoundAndTellsTheNumbers() {
        hold(1024, 1);
        hold(512, 2);
        assertThat(pool.tryAcquire(64)).isNull();
        assertThatExceptionOfType(PoolExhaustedException.class)
                .isThrownBy(() -> pool.acquire(100))
                .withMessage("pool buffers is exhausted: 100 bytes were asked for, 2048 of at most 2048 are leased")
                .satisfies(e -> assertThat(e.limit()).isEqualTo(2048))
                .satisfies(e -> assertThat(e.leased()).isEqualTo(2048));
        BufferPoolStats stats = pool.stats();
        assertThat(stats.heldBytes()).isEqualTo(2048);
        assertThat(stats.leasedBytes()).isEqualTo(2048);
        assertThat(stats.buffers().exhausted()).isEqualTo(2);
    }

    @Test
    void dropsIdleBuffersOfOtherSizesFirst() {
        List<BufferLease> small = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            small.add(pool.acquire(128));
        }
        small.subList(0, 9).forEach(BufferLease::close);
        assertThat(lease(1024).buffer().capacity()).isEqualTo(1024);
        BufferPoolStats stats = pool.stats();
        assertThat(stats.heldBytes()).isEqualTo(2048);
        assertThat(stats.buffers().disposed()).as("no more than needed").isEqualTo(8);
        assertThat(stats.buffers().idle()).isEqualTo(1);
        assertThat(pool.tryAcquire(256)).isNull();
        assertThat(pool.stats().heldBytes()).as("what was dropped in vain").isEqualTo(1920);
        assertThat(lease(128)).isNotNull();
    }

    @Test
    void whatIsDroppedIsNotKeptByTheCacheOfAThread() {
        List<WeakReference<ByteBuffer>> views = new ArrayList<>();
        List<BufferLease> leases = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            BufferLease lease = pool.acquire(128);
            leases.add(lease);
            views.add(new WeakReference<>(lease.buffer()));
        }
        leases.forEach(BufferLease::close);
        leases.clear();
        assertThat(pool.trim(0)).isEqualTo(8);
        for (int i = 0; i < 20 && views.stream().anyMatch(each -> each.get() != null); i++) {
            System.gc();
        }
        assertThat(views).allMatch(each -> each.get() == null);
        assertThat(lease(128)).as("the cache goes on").isNotNull();
    }

    @Test
    void aQuickRequestLooksForOtherSizesAtMostOnceAMillisecondWhileThereAreNone() {
        hold(1024, 1);
        BufferLease other = pool.acquire(1024);
        assertThat(pool.tryAcquireQuickly(64)).isNull();
        other.close();
        clock.nanos += 999_999;
        assertThat(pool.tryAcquireQuickly(64)).isNull();
        assertThat(pool.tryAcquireQuickly(1024)).as("at hand").isNotNull();
        assertThat(pool.heldBytes()).isEqualTo(2048);
    }

    @Test
    void aQuickRequestFindsWhatWasGivenBackWhenItLooksAgain() {
        hold(1024, 1);
        BufferLease other = pool.acquire(1024);
        assertThat(pool.tryAcquireQuickly(64)).isNull();
        other.close();
        clock.nanos += 1_000_000;
        assertThat(pool.tryAcquireQuickly(64)).isNotNull();
        assertThat(pool.tryAcquireQuickly(64)).as("there is room for more now").isNotNull();
        assertThat(pool.heldBytes()).isEqualTo(1024 + 2 * 64);
    }

    @Test
    void takesWhatLiesInAnotherThreadsCacheBeforeItDropsAnything() throws Exception {
        hold(1024, 1);
        pool.acquire(512).close();
        pool.acquire(256).close();
        pool.acquire(256).close();
        assertThat(pool.stats().heldBytes()).isEqualTo(1024 + 512 + 256);
        hold(64, 4);
        int capacity = Threads.onDeadThread(() -> pool.acquire(512).buffer().capacity());
        assertThat(capacity).isEqualTo(512);
        assertThat(pool.stats().buffers().disposed()).isZero();
    }

    @Test
    void refusesASecondCloseAndUseAfterClose() {
        BufferLease lease = pool.acquire(64);
        ByteBuffer buffer = lease.buffer();
        lease.close();
        assertThatIllegalStateException().isThrownBy(lease::close).withMessageContaining("buffers");
        assertThatIllegalStateException().isThrownBy(lease::buffer);
        assertThatExceptionOfType(BufferOverflowException.class).isThrownBy(() -> buffer.put((byte) 1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.get(0));

        BufferLease next = pool.acquire(64);
        next.buffer().put((byte) 7);
        assertThatIllegalStateException().isThrownBy(lease::close);
        assertThatExceptionOfType(BufferOverflowException.class).isThrownBy(() -> buffer.put((byte) 1));
        assertThat(next.buffer().get(0)).isEqualTo((byte) 7);
    }

    @Test
    void trimDropsWhatIsIdleForTheTime() {
        pool.acquire(64).close();
        pool.acquire(1024).close();
        BufferLease leased = pool.acquire(256);
        assertThat(pool.trim(100)).isZero();
        clock.nanos += 100;
        assertThat(pool.trim(100)).isEqualTo(2);
        assertThat(pool.stats().heldBytes()).isEqualTo(256);
        leased.close();
        assertThat(pool.trim(0)).isEqualTo(1);
        assertThat(pool.stats().heldBytes()).isZero();
        assertThat(pool.trim()).isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> pool.trim(-1)).withMessageContaining("idleNanos: -1");
    }

    @Test
    void closeDropsIdleNowAndLeasedWhenTheyComeBack() {
        BufferLease leased = pool.acquire(256);
        pool.acquire(64).close();
        pool.close();
        assertThat(pool.stats().heldBytes()).isEqualTo(256);
        leased.buffer().put((byte) 1);
        leased.close();
        assertThat(pool.stats().heldBytes()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> pool.acquire(64)).withMessage("pool buffers is closed");
        assertThatIllegalStateException().isThrownBy(leased::close);
        pool.close();
    }

    @Test
    void neverHoldsMoreThanTheBoundUnderRandomInterleavings() throws Exception {
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int seed = t;
            FutureTask<Boolean> task = new FutureTask<>(() -> runAtRandom(seed));
            tasks.add(task);
            new Thread(task, "buffers-" + t).start();
        }
        for (FutureTask<Boolean> task : tasks) {
            assertThat(task.get(Threads.DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        BufferPoolStats stats = pool.stats();
        assertThat(stats.leasedBytes()).isZero();
        assertThat(pool.trim(0)).isEqualTo(stats.buffers().idle());
        assertThat(pool.stats().heldBytes()).isZero();
    }

    private boolean runAtRandom(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<BufferLease> mine = new ArrayList<>();
        boolean good = true;
        for (int i = 0; i < 20_000; i++) {
            BufferLease lease = mine.size() < 4 ? pool.tryAcquire(random.nextInt(1024) + 1) : null;
            if (lease != null) {
                lease.buffer().putInt(0, seed);
                mine.add(lease);
            } else if (!mine.isEmpty()) {
                BufferLease back = mine.remove(random.nextInt(mine.size()));
                good &= back.buffer().getInt(0) == seed;
                back.close();
            }
            good &= pool.stats().heldBytes() <= 2048;
        }
        mine.forEach(BufferLease::close);
        return good;
    }

    @Test
    void checksTheBuildersArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferPool.builder().minBytes(0))
                .withMessage("minBytes: 0, must be a power of two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferPool.builder().maxBytes(Integer.MIN_VALUE))
                .withMessageContaining("maxBytes: -2147483648");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferPool.builder().maxBytes(100))
                .withMessageContaining("maxBytes: 100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferPool.builder().maxTotalBytes(0))
                .withMessageContaining("maxTotalBytes: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> BufferPool.builder().minBytes(128).maxBytes(64).build())
                .withMessage("minBytes: 128, must not be above maxBytes: 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        BufferPool.builder().maxBytes(1024).maxTotalBytes(1023).build())
                .withMessage("maxBytes: 1024, must not be above maxTotalBytes: 1023");
    }

    @Test
    void theLargestSizeIsOneGibibyte() {
        BufferPool huge =
                BufferPool.builder().maxBytes(1 << 30).maxTotalBytes(1L << 40).build();
        assertThatIllegalArgumentException().isThrownBy(() -> huge.tryAcquire((1 << 30) + 1));
        try (BufferLease lease = huge.acquire(1)) {
            assertThat(lease.buffer().capacity()).isEqualTo(512);
        }
    }
}
