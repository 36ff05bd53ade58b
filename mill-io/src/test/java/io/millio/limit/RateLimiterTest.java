package io.millio.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong now = new AtomicLong(-5_000);

    private RateLimiter limiter(long permits, Duration period, long burst) {
        return RateLimiter.builder()
                .rate(permits, period)
                .burst(burst)
                .nanoClock(now::get)
                .build();
    }

    @Test
    void startsWithItsBurstAndGoesOnAtItsRate() {
        RateLimiter limiter = limiter(10, SECOND, 3);
        assertThat(limiter.tryAcquire(3)).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
        assertThat(limiter.nanosUntilAvailable(1)).isEqualTo(100_000_000);
        now.addAndGet(99_999_999);
        assertThat(limiter.tryAcquire()).isFalse();
        now.addAndGet(1);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
    }

    @Test
    void tellsTheRateThatItHasNow() {
        RateLimiter limiter = limiter(10, SECOND, 3);
        assertThat(limiter.permitsPerSecond()).isEqualTo(10.0);
        limiter.setRate(1, Duration.ofMinutes(4));
        assertThat(limiter.permitsPerSecond()).isEqualTo(1.0 / 240);
        limiter.setRate(10_000_000_000L, SECOND);
        assertThat(limiter.permitsPerSecond()).isEqualTo(1e10);
    }

    @Test
    void aRestBringsNoMoreThanTheBurst() {
        RateLimiter limiter = limiter(10, SECOND, 3);
        now.addAndGet(Duration.ofDays(1000).toNanos());
        assertThat(limiter.available()).isEqualTo(3);
        assertThat(limiter.tryAcquire(3)).isTrue();
        assertThat(limiter.available()).isZero();
    }

    @Test
    void aClockThatStandsStillBringsNothingAndOneThatGoesBackTakesNothing() {
        RateLimiter limiter = limiter(1_000, SECOND, 5);
        for (int i = 0; i < 5; i++) {
            assertThat(limiter.tryAcquire()).isTrue();
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.tryAcquire()).isFalse();
        }
        now.addAndGet(2_000_000);
        assertThat(limiter.tryAcquire()).isTrue();
        now.addAndGet(-60_000_000_000L);
        assertThat(limiter.tryAcquire()).isFalse();
        now.addAndGet(60_000_000_000L);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
    }

    @Test
    void nothingDriftsAtAnOddRate() {
        long permits = 7_777_777;
        RateLimiter limiter = limiter(permits, SECOND, 1_000);
        long start = now.get();
        SplittableRandom random = new SplittableRandom(1);
        assertThat(limiter.tryAcquire(1_000)).isTrue();
        long taken = 1_000;
        for (int i = 0; i < 2_000_000; i++) {
            now.addAndGet(random.nextInt(100_000)); // less than the burst's time, so that nothing is lost
            long available = limiter.available();
            if (available > 0) {
                assertThat(limiter.tryAcquire(available)).isTrue();
                taken += available;
            }
        }
        BigInteger come = BigInteger.valueOf(now.get() - start)
                .multiply(BigInteger.valueOf(permits))
                .divide(BigInteger.valueOf(1_000_000_000));
        assertThat(taken).isEqualTo(come.longValueExact() + 1_000).isGreaterThan(700_000_000L);
    }

    @Test
    void aThousandMillionPermitsLeaveNoErrorBehind() {
        RateLimiter limiter = limiter(1_000_000_007, Duration.ofSeconds(997), 10);
        long start = now.get();
        assertThat(limiter.tryAcquire(10)).isTrue();
        now.set(start + Duration.ofSeconds(997).toNanos());
        assertThat(limiter.available()).isEqualTo(10);
        long wait = limiter.reserve(10 + 1_000_000_007, Long.MAX_VALUE);
        assertThat(wait).isEqualTo(Duration.ofSeconds(997).toNanos());
    }

    @Test
    void theSmallestAndTheLargestRateWork() {
        RateLimiter slow = limiter(1, Duration.ofDays(36_500), 1);
        assertThat(slow.tryAcquire()).isTrue();
        assertThat(slow.tryAcquire()).isFalse();
        assertThat(slow.nanosUntilAvailable(1))
                .isEqualTo(Duration.ofDays(36_500).toNanos());
        RateLimiter fast = limiter(10, Duration.ofNanos(1), 1L << 60);
        assertThat(fast.tryAcquire(1L << 60)).isTrue();
        now.addAndGet(Duration.ofDays(3_650).toNanos());
        assertThat(fast.tryAcquire(1L << 60)).isTrue();
        assertThat(fast.available()).isZero();
        now.addAndGet(1);
        assertThat(fast.available()).isEqualTo(10);
    }

    @Test
    void aReservationTellsWhenAndHoldsUpThoseAfterIt() {
        RateLimiter limiter = limiter(100, SECOND, 1);
        assertThat(limiter.reserve(1, 0)).isZero();
        assertThat(limiter.reserve(5, 49_999_999)).isEqualTo(-1);
        assertThat(limiter.reserve(5, 50_000_000)).isEqualTo(50_000_000);
        assertThat(limiter.available()).isEqualTo(-5);
        assertThat(limiter.reserve(1, Long.MAX_VALUE)).isEqualTo(60_000_000);
        now.addAndGet(60_000_000);
        assertThat(limiter.tryAcquire()).isFalse();
        now.addAndGet(10_000_000);
        assertThat(limiter.tryAcquire()).isTrue();
    }

    @Test
    void whatIsGivenBackCanBeHadAgainUpToTheBurst() {
        RateLimiter limiter = limiter(1, SECOND, 3);
        assertThat(limiter.tryAcquire(3)).isTrue();
        limiter.giveBack(2);
        assertThat(limiter.available()).isEqualTo(2);
        limiter.giveBack(Long.MAX_VALUE);
        assertThat(limiter.available()).isEqualTo(3);
    }

    @Test
    void aChangeOfTheRateKeepsWhatThereIsAndWhatIsOwed() {
        RateLimiter limiter = limiter(10, SECOND, 10);
        assertThat(limiter.tryAcquire(4)).isTrue();
        limiter.setRate(1_000, SECOND);
        assertThat(limiter.available()).isEqualTo(6);
        now.addAndGet(2_000_000);
        assertThat(limiter.available()).isEqualTo(8);
        limiter.setRate(1_000, SECOND, 5);
        assertThat(limiter.burst()).isEqualTo(5);
        assertThat(limiter.available()).isEqualTo(5);
        assertThat(limiter.reserve(7, Long.MAX_VALUE)).isEqualTo(2_000_000);
        limiter.setRate(1, SECOND);
        assertThat(limiter.available()).isEqualTo(-2);
        assertThat(limiter.nanosUntilAvailable(1)).isEqualTo(3_000_000_000L);
    }

    @Test
    void severalLimitsGiveAllOrNothing() {
        RateLimiter each = limiter(10, SECOND, 5);
        RateLimiter all = limiter(100, SECOND, 3);
        RateLimit both = RateLimit.allOf(each, all);
        assertThat(both.burst()).isEqualTo(3);
        assertThat(both.tryAcquire(3)).isTrue();
        assertThat(both.tryAcquire(2)).isFalse();
        assertThat(each.available()).isEqualTo(2);
        assertThat(all.available()).isZero();
        assertThat(both.nanosUntilAvailable(2)).isEqualTo(20_000_000);
        assertThat(both.nanosUntilAvailable(3)).isEqualTo(100_000_000);
    }

    @Test
    void whatCouldNeverBeHadIsAnError() {
        RateLimiter limiter = limiter(10, SECOND, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.tryAcquire(6))
                .withMessage("permits: 6, must be at most the burst: 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.tryAcquire(0))
                .withMessage("permits: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.reserve(-1, 0))
                .withMessage("permits: -1, must be from 1 to 1152921504606846976");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.reserve(1, -1))
                .withMessage("maxWaitNanos: -1, must be at least 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.giveBack(0))
                .withMessage("permits: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimiter.builder().burst(0))
                .withMessage("burst: 0, must be at least 1");
        assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.allOf()).withMessageContaining("limits: none");
        assertThatIllegalStateException()
                .isThrownBy(() -> RateLimiter.builder().build())
                .withMessageContaining("rate: not given");
        assertThat(limiter.available()).isEqualTo(5);
    }

    @Test
    void twoThreadsNeverGetMoreThanTheBurstAndTheRateAllow() throws InterruptedException {
        RateLimiter limiter =
                RateLimiter.builder().rate(1_000_000, SECOND).burst(100).build();
        long start = System.nanoTime();
        AtomicLong let = new AtomicLong();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                long own = 0;
                try {
                    go.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int n = 0; n < 300_000; n++) {
                    own += limiter.tryAcquire() ? 1 : 0;
                }
                let.addAndGet(own);
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        // The limiter was made before the start is read at most by the time that this took: it can only allow more.
        long allowed = 100 + (System.nanoTime() - start) / 1_000 + 1_000;
        assertThat(let.get()).isBetween(100L, allowed);
    }

    @Test
    void nothingIsAllocated() {
        var memory = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        RateLimiter limiter = limiter(7, Duration.ofNanos(3), 100);
        RateLimit both = RateLimit.allOf(limiter, limiter(1_000_000, SECOND, 100));
        long bytes = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = memory.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                now.addAndGet(1_000);
                both.tryAcquire(i % 9 + 1);
                limiter.reserve(1, 50);
                both.nanosUntilAvailable(2);
            }
            bytes = Math.min(bytes, memory.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(bytes).isLessThan(20_000);
    }
}
