package io.millio.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private final HistogramRecorder recorder = new HistogramRecorder();

    @Test
    void eachDurationIsInTheBucketWhoseBoundsHoldIt() {
        assertThat(Histogram.bucket(-1)).isZero();
        assertThat(Histogram.bucket(Long.MAX_VALUE)).isEqualTo(Histogram.BUCKETS - 1);
        for (int bucket = 0; bucket < Histogram.BUCKETS; bucket++) {
            long longest = Histogram.longestOf(bucket);
            assertThat(Histogram.bucket(longest)).isEqualTo(bucket);
            if (bucket > 0) {
                assertThat(Histogram.bucket(Histogram.longestOf(bucket - 1) + 1))
                        .isEqualTo(bucket);
            }
        }
    }

    @Test
    void percentilesAreThoseOfTheSortedDurationsToWithinASixteenth() {
        SplittableRandom random = new SplittableRandom(3);
        long[] all = new long[10_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) Math.exp(random.nextDouble() * 30);
            recorder.record(all[i]);
        }
        Arrays.sort(all);
        Histogram histogram = recorder.copy();
        for (double percent : new double[] {0, 0.01, 1, 25, 50, 90, 99, 99.9, 100}) {
            long exact = all[(int) Math.max(0, Math.ceil(percent / 100 * all.length) - 1)];
            assertThat(histogram.percentileNanos(percent)).isBetween(exact, exact + exact / 16);
        }
        assertThat(histogram.count()).isEqualTo(all.length);
        assertThat(histogram.totalNanos()).isEqualTo(Arrays.stream(all).sum());
        assertThat(histogram.maxNanos()).isEqualTo(all[all.length - 1]);
        assertThat(histogram.percentileNanos(100)).isEqualTo(histogram.maxNanos());
        assertThat(histogram.meanNanos()).isEqualTo(histogram.totalNanos() / (double) all.length);
    }

    @Test
    void anEmptyOneHasNoDurations() {
        assertThat(recorder.copy().count()).isZero();
        assertThat(recorder.copy().percentileNanos(99)).isZero();
        assertThat(Histogram.empty().meanNanos()).isZero();
        assertThat(Histogram.empty()).hasToString("0 durations, p50 0 ns, p99 0 ns, max 0 ns");
    }

    @Test
    void aDurationBelowZeroCountsAsZero() {
        recorder.record(-5);
        assertThat(recorder.copy().count()).isEqualTo(1);
        assertThat(recorder.copy().totalNanos()).isZero();
        assertThat(recorder.copy().percentileNanos(100)).isZero();
    }

    @Test
    void sumsAndDifferencesAddAndTakeAwayTheCounts() {
        recorder.record(100);
        Histogram before = recorder.copy();
        recorder.record(1_000_000);
        Histogram both = recorder.copy();
        Histogram later = both.minus(before);
        assertThat(later.count()).isEqualTo(1);
        assertThat(later.totalNanos()).isEqualTo(1_000_000);
        assertThat(later.percentileNanos(50)).isEqualTo(1_000_000);
        Histogram sum = later.plus(before);
        assertThat(sum.count()).isEqualTo(2);
        assertThat(sum.totalNanos()).isEqualTo(1_000_100);
        assertThat(before.count()).isEqualTo(1);
        assertThat(both.minus(both).percentileNanos(99)).isZero();
    }

    @Test
    void durationsAboveOneAreCounted() {
        recorder.record(1_000);
        recorder.record(2_000_000);
        recorder.record(3_000_000_000L);
        assertThat(recorder.copy().countAbove(Duration.ofMillis(1))).isEqualTo(2);
        assertThat(recorder.copy().countAbove(Duration.ofSeconds(10))).isZero();
    }

    @Test
    void aPercentageOutOfRangeIsAnError() {
        for (double wrong : new double[] {-1, 100.1, Double.NaN}) {
            assertThatThrownBy(() -> Histogram.empty().percentileNanos(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("percent: " + wrong + ", must be 0 to 100");
        }
    }
}
