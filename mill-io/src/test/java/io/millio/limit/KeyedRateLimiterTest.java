package io.millio.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyedRateLimiterTest {
    private final AtomicLong now = new AtomicLong();

    private KeyedRateLimiter<String> limiter(int maxKeys) {
        return RateLimiter.builder()
                .rate(10, Duration.ofSeconds(1))
                .burst(2)
                .nanoClock(now::get)
                .buildKeyed(maxKeys);
    }

    @Test
    void eachKeyHasItsOwnLimit() {
        KeyedRateLimiter<String> limiter = limiter(10);
        assertThat(limiter.tryAcquire("a", 2)).isTrue();
        assertThat(limiter.tryAcquire("a")).isFalse();
        assertThat(limiter.tryAcquire("b")).isTrue();
        assertThat(limiter.nanosUntilAvailable("a", 1)).isEqualTo(100_000_000);
        assertThat(limiter.nanosUntilAvailable("c", 1)).isZero();
        assertThat(limiter.keys()).isEqualTo(2);
    }

    @Test
    void whenThereIsNoPlaceARestedKeyIsForgotten() {
        KeyedRateLimiter<String> limiter = full();
        assertThat(limiter.tryAcquire("a")).isTrue();
        now.addAndGet(100_000_000); // b and c have rested, a has not
        assertThat(limiter.nanosUntilAvailable("d", 2)).isZero();
        assertThat(limiter.tryAcquire("d")).isTrue();
        assertThat(limiter.tryAcquire("e")).isTrue();
        assertThat(limiter.overflows()).isZero();
        assertThat(limiter.keys()).isEqualTo(3);
        assertThat(limiter.tryAcquire("a")).isTrue();
        assertThat(limiter.tryAcquire("a")).isFalse();
    }

    @Test
    void whenAllKeysAreBusyNewOnesShareOneLimit() {
        KeyedRateLimiter<String> limiter = full();
        assertThat(limiter.tryAcquire("d")).isTrue();
        assertThat(limiter.nanosUntilAvailable("e", 2)).isEqualTo(100_000_000);
        assertThat(limiter.tryAcquire("e")).isTrue();
        assertThat(limiter.tryAcquire("d")).isFalse();
        assertThat(limiter.tryAcquire("f")).isFalse();
        assertThat(limiter.overflows()).isEqualTo(4);
        assertThat(limiter.keys()).isEqualTo(3);
        assertThat(limiter.tryAcquire("a")).isTrue(); // its own limit is untouched
    }

    @Test
    void aChangeOfTheRateHoldsForTheSharedLimit() {
        KeyedRateLimiter<String> limiter = full();
        assertThat(limiter.tryAcquire("d", 2)).isTrue();
        limiter.setRate(1_000, Duration.ofSeconds(1), 5);
        assertThat(limiter.tryAcquire("e")).isFalse();
        assertThat(limiter.nanosUntilAvailable("e", 1)).isEqualTo(1_000_000);
    }

    /** One with three places, each of a key that has used one of its two permits. */
    private KeyedRateLimiter<String> full() {
        KeyedRateLimiter<String> limiter = limiter(3);
        for (String key : List.of("a", "b", "c")) {
            assertThat(limiter.tryAcquire(key)).isTrue();
        }
        return limiter;
    }

    @Test
    void trimForgetsWhatHasRestedAndOnlyThat() {
        KeyedRateLimiter<String> limiter = limiter(100);
        for (int i = 0; i < 50; i++) {
            assertThat(limiter.tryAcquire("key " + i)).isTrue();
        }
        now.addAndGet(50_000_000);
        assertThat(limiter.tryAcquire("key 7")).isTrue();
        assertThat(limiter.trim()).isZero();
        now.addAndGet(50_000_000);
        assertThat(limiter.trim()).isEqualTo(49);
        assertThat(limiter.keys()).isEqualTo(1);
        assertThat(limiter.tryAcquire("key 7", 2)).isFalse();
    }

    @Test
    void aChangeOfTheRateHoldsForAllKeys() {
        KeyedRateLimiter<String> limiter = limiter(10);
        assertThat(limiter.tryAcquire("a", 2)).isTrue();
        limiter.setRate(1_000, Duration.ofSeconds(1), 5);
        assertThat(limiter.tryAcquire("a")).isFalse();
        now.addAndGet(5_000_000);
        assertThat(limiter.tryAcquire("a", 5)).isTrue();
        assertThat(limiter.tryAcquire("b", 5)).isTrue();
    }

    @Test
    void manyThreadsAndKeysNeverPassTheBoundNorALimit() throws InterruptedException {
        KeyedRateLimiter<Integer> limiter = RateLimiter.builder()
                .rate(1, Duration.ofDays(1))
                .burst(1)
                .nanoClock(now::get)
                .buildKeyed(50);
        AtomicLong let = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int first = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 20_000; i++) {
                    let.addAndGet(limiter.tryAcquire((first * 17 + i) % 100) ? 1 : 0);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        // The clock stands still, so a key that took its permit is never forgotten; one more is that of the overflow.
        assertThat(let.get()).isEqualTo(51);
        assertThat(limiter.keys()).isEqualTo(50);
    }

    @Test
    void badArgumentsAreNamed() {
        KeyedRateLimiter<String> limiter = limiter(1);
        assertThatIllegalArgumentException().isThrownBy(() -> limiter(0)).withMessage("maxKeys: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.tryAcquire("a", 3))
                .withMessage("permits: 3, must be at most the burst: 2");
        assertThatNullPointerException().isThrownBy(() -> nullKey(limiter)).withMessage("key");
        assertThat(limiter.keys()).isZero();
    }

    @SuppressWarnings("NullAway")
    private static void nullKey(KeyedRateLimiter<String> limiter) {
        limiter.tryAcquire(null);
    }
}
