package io.millio.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RateTest {
    @Test
    void multipliesAndDividesWithoutOverflow() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200_000; i++) {
            long x = random.nextLong() >>> 1 + random.nextInt(63);
            long y = random.nextLong() >>> 1 + random.nextInt(63);
            long z = (random.nextLong() >>> 1 + random.nextInt(62)) + 1;
            long plus = random.nextBoolean() ? z - 1 : 0;
            BigInteger exact = BigInteger.valueOf(x)
                    .multiply(BigInteger.valueOf(y))
                    .add(BigInteger.valueOf(plus))
                    .divide(BigInteger.valueOf(z));
            long expected = exact.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
            assertThat(Rate.mulDiv(x, y, z, plus))
                    .as("(%d * %d + %d) / %d", x, y, plus, z)
                    .isEqualTo(expected);
        }
    }

    @Test
    void theTimeForSomePermitsIsTheShortestInWhichTheyCome() {
        for (Rate rate : new Rate[] {
            new Rate(3, Duration.ofSeconds(1)),
            new Rate(999_999_937, Duration.ofSeconds(1)),
            new Rate(10_000_000_000L, Duration.ofSeconds(1)),
            new Rate(1, Duration.ofDays(100)),
            new Rate(999_983, Duration.ofDays(1))
        }) {
            for (long count : new long[] {1, 2, 3, 10, 999}) {
                long nanos = rate.nanosFor(count);
                assertThat(rate.permitsIn(nanos))
                        .as("%s, %d permits", rate, count)
                        .isGreaterThanOrEqualTo(count);
                assertThat(rate.permitsIn(nanos - 1))
                        .as("%s, %d permits", rate, count)
                        .isLessThan(count);
            }
        }
    }

    @Test
    void whatIsOutOfRangeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rate(0, Duration.ofSeconds(1)))
                .withMessage("permits: 0, must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rate(1, Duration.ZERO))
                .withMessage("period: PT0S, must be positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rate(1, Duration.ofSeconds(-1)))
                .withMessage("period: PT-1S, must be positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rate(1, Duration.ofDays(200_000)))
                .withMessageContaining("at most 292 years");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rate(Long.MAX_VALUE, Duration.ofSeconds(1)))
                .withMessageContaining("at most 10000000000 in a second");
    }
}
