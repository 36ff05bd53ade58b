package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.limit.RateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How exact limits of bytes a second are, in simulated time. */
@Tag("once")
class ShapingTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** What is limited, on which side. */
    enum Way {
        SERVER_READS,
        SERVER_WRITES,
        CLIENT_READS,
        CLIENT_WRITES;

        boolean isServer() {
            return this == SERVER_READS || this == SERVER_WRITES;
        }

        boolean isReading() {
            return this == SERVER_READS || this == CLIENT_READS;
        }

        boolean serverSends() {
            return this == SERVER_WRITES || this == CLIENT_READS;
        }
    }

    private final ShapedTraffic traffic = new ShapedTraffic();

    @AfterEach
    void close() {
        traffic.close();
    }

    private void limitAll(Way way, RateLimiter limiter) {
        switch (way) {
            case SERVER_READS -> traffic.server.readLimit(limiter);
            case SERVER_WRITES -> traffic.server.writeLimit(limiter);
            case CLIENT_READS -> traffic.client.readLimit(limiter);
            case CLIENT_WRITES -> traffic.client.writeLimit(limiter);
        }
    }

    private void limitEach(Way way, long rate, long burst) {
        ConnectionOptions options = way.isReading()
                ? ConnectionOptions.DEFAULT.withReadRate(rate, burst)
                : ConnectionOptions.DEFAULT.withWriteRate(rate, burst);
        if (way.isServer()) {
            traffic.server.options(options);
        } else {
            traffic.client.options(options);
        }
    }

    /** The limited end of the first connection. */
    private Connection limited(Way way) {
        return way.isReading() ? Objects.requireNonNull(traffic.arrivals.get(0).connection) : traffic.senders.get(0);
    }

    private void assertSteadyFrom(long beginNanos, long rate) {
        ShapedTraffic.assertSteady(traffic.arrivals, rate, beginNanos, traffic.now());
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER_READS,  1000, 100",
        "SERVER_READS,  100000, 10000",
        "SERVER_READS,  3000000, 300000",
        "SERVER_WRITES, 1000, 100",
        "SERVER_WRITES, 100000, 10000",
        "SERVER_WRITES, 3000000, 300000",
        "CLIENT_READS,  100000, 10000",
        "CLIENT_WRITES, 100000, 10000"
    })
    void aConnectionKeepsToItsRate(Way way, long rate, long burst) throws IOException {
        limitEach(way, rate, burst);
        traffic.start(2, way.serverSends());
        long begin = traffic.now() + Duration.ofMillis(300).toNanos();
        traffic.run(MINUTE);
        for (ShapedTraffic.Arrivals each : traffic.arrivals) {
            ShapedTraffic.assertSteady(List.of(each), rate, begin, traffic.now());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER_READS,  1, 1000",
        "SERVER_READS,  7, 100000",
        "SERVER_READS,  40, 3000000",
        "SERVER_WRITES, 1, 1000",
        "SERVER_WRITES, 7, 100000",
        "SERVER_WRITES, 40, 3000000",
        "CLIENT_READS,  7, 100000",
        "CLIENT_WRITES, 7, 100000"
    })
    void allConnectionsTogetherKeepToTheRateAndShareItEvenly(Way way, int connections, long rate) throws IOException {
        limitAll(way, traffic.limiter(rate, rate / 10));
        traffic.start(connections, way.serverSends());
        long begin = traffic.now() + Duration.ofSeconds(1).toNanos();
        traffic.run(MINUTE);
        assertSteadyFrom(begin, rate);
        for (ShapedTraffic.Arrivals each : traffic.arrivals) {
            double share = each.between(begin, traffic.now()) / (double) traffic.arrivedSince(begin);
            assertThat(share * connections).isBetween(0.95, 1.05);
        }
    }

    /** What was taken for bytes that did not move after all is there for the next ones. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void aRateIsKeptThoughReadsAndWritesAreShort(Way way) throws IOException {
        long rate = 100_000;
        traffic.network.links().shortReads(0.5).shortWrites(0.5);
        limitEach(way, rate, rate / 10);
        traffic.start(2, way.serverSends());
        long begin = traffic.now() + Duration.ofSeconds(1).toNanos();
        traffic.run(MINUTE);
        for (ShapedTraffic.Arrivals each : traffic.arrivals) {
            assertThat((double) each.between(begin, traffic.now()))
                    .as("bytes in a minute")
                    .isBetween(rate * 58.0, rate * 60.0);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void theSmallerOfBothLimitsCounts(Way way) throws IOException {
        limitEach(way, 50_000, 5_000);
        RateLimiter all = traffic.limiter(300_000, 30_000);
        limitAll(way, all);
        traffic.start(4, way.serverSends());
        long begin = traffic.now() + Duration.ofSeconds(1).toNanos();
        traffic.run(MINUTE);
        assertSteadyFrom(begin, 200_000);
        all.setRate(100_000, Duration.ofSeconds(1));
        long changed = traffic.now() + Duration.ofSeconds(1).toNanos();
        traffic.run(MINUTE);
        assertSteadyFrom(changed, 100_000);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aChangeOfTheRateIsFeltAtOnce(Way way) throws IOException {
        limitEach(way, 10, 1);
        RateLimiter all = traffic.limiter(1_000_000, 100_000);
        limitAll(way, all);
        traffic.start(1, way.serverSends());
        RateLimiter own = Objects.requireNonNull(
                way.isReading() ? limited(way).readLimiter() : limited(way).writeLimiter());
        own.setRate(1, Duration.ofHours(1));
        traffic.run(Duration.ofSeconds(10));
        own.setRate(2_000_000, Duration.ofSeconds(1), 200_000);
        long begin = traffic.now() + Duration.ofMillis(500).toNanos();
        traffic.run(Duration.ofSeconds(10));
        assertSteadyFrom(begin, 1_000_000);
        own.setRate(20_000, Duration.ofSeconds(1), 2_000);
        long slower = traffic.now() + Duration.ofMillis(500).toNanos();
        traffic.run(Duration.ofSeconds(10));
        assertSteadyFrom(slower, 20_000);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void afterARestTheBurstPassesAtOnceAndNoMore(Way way) throws IOException {
        limitEach(way, 10_000, 50_000);
        traffic.start(1, way.serverSends());
        traffic.run(Duration.ofMillis(50));
        assertThat(traffic.arrivedSince(0)).isBetween(50_000L, 50_700L);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void theOwnBurstIsNotLostToASmallerSharedOne(Way way) throws IOException {
        limitEach(way, 1_000, 50_000);
        limitAll(way, traffic.limiter(200_000, 4_000));
        traffic.start(1, way.serverSends());
        long begin = traffic.now();
        traffic.run(Duration.ofMillis(200));
        assertThat(traffic.arrivedSince(begin)).isBetween(40_000L, 44_000L); // 200 ms and the shared burst
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void aRateOfLessThanABytePerTurnIsKept(long rate) throws IOException {
        limitAll(Way.SERVER_WRITES, traffic.limiter(rate, 1));
        traffic.start(2, true);
        traffic.run(Duration.ofSeconds(1));
        long begin = traffic.now();
        traffic.run(Duration.ofMinutes(2));
        assertThat(traffic.arrivedSince(begin)).isBetween(120 * rate - 2, 120 * rate + 2);
        for (ShapedTraffic.Arrivals each : traffic.arrivals) {
            assertThat(each.between(begin, traffic.now())).isBetween(60 * rate - 2, 60 * rate + 2);
        }
    }

    @Test
    void whatALimitHasLetThroughAndHeldBackIsCounted() throws IOException {
        limitEach(Way.SERVER_WRITES, 30_000, 3_000);
        limitAll(Way.SERVER_WRITES, traffic.limiter(40_000, 4_000));
        limitAll(Way.CLIENT_READS, traffic.limiter(1_000_000_000, 1_000_000_000));
        traffic.start(2, true);
        traffic.run(Duration.ofSeconds(10));
        LimitStats all = Objects.requireNonNull(traffic.started).writeLimitStats();
        LimitStats one = traffic.senders.get(0).writeLimitStats();
        LimitStats reading = Objects.requireNonNull(traffic.made).readLimitStats();
        assertThat(reading.bytes()).isEqualTo(traffic.arrivedSince(0));
        assertThat(reading.waits()).isZero();
        assertThat(all.bytes()).isBetween(reading.bytes(), reading.bytes() + 1_000);
        assertThat(one.bytes() + traffic.senders.get(1).writeLimitStats().bytes())
                .isEqualTo(all.bytes());
        assertThat(all.waits()).isPositive();
        assertThat(all.waitNanos() + 2 * one.waitNanos()).isBetween(18_000_000_000L, 21_000_000_000L);
        assertThat(all.droppedBytes()).isZero();
        assertThat(Objects.requireNonNull(traffic.started).readLimitStats()).isEqualTo(LimitStats.NONE);

        long queued = traffic.senders.get(0).queuedBytes();
        traffic.senders.get(0).abort();
        traffic.run(Duration.ofMillis(1));
        assertThat(queued).isPositive();
        assertThat(traffic.senders.get(0).writeLimitStats().droppedBytes()).isEqualTo(queued);
        assertThat(Objects.requireNonNull(traffic.started).writeLimitStats().droppedBytes())
                .isEqualTo(queued);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 300_000})
    void loopsThatShareALimitTakeTurns(long rate) throws IOException {
        RateLimiter limiter = traffic.limiter(rate, Math.max(1, rate / 10));
        limitAll(Way.CLIENT_WRITES, limiter);
        traffic.start(3, false);
        for (int i = 0; i < 2; i++) {
            traffic.startMore(3, loop -> TcpClient.builder().loop(loop).writeLimit(limiter));
        }
        traffic.run(Duration.ofSeconds(10));
        long begin = traffic.now();
        traffic.run(Duration.ofMinutes(3));
        double whole = traffic.arrivedSince(begin);
        assertThat(whole).isBetween(180.0 * rate * 0.99 - 1, 180.0 * rate * 1.01 + 1);
        for (ShapedTraffic.Arrivals each : traffic.arrivals) {
            assertThat((double) each.between(begin, traffic.now())).isBetween(whole / 9 * 0.9 - 2, whole / 9 * 1.1 + 2);
        }
    }

    @Test
    void oneThatEndsGivesBackWhatItHadReserved() throws IOException {
        limitAll(Way.SERVER_WRITES, traffic.limiter(100_000, 10_000));
        traffic.start(3, true);
        traffic.run(Duration.ofSeconds(1));
        for (int i = 0; i < 2; i++) {
            traffic.senders.get(i).abort();
            long begin = traffic.now();
            traffic.run(Duration.ofSeconds(10));
            assertSteadyFrom(begin, 100_000);
        }
    }

    @Test
    void aLimitThatIsNearlyZeroWakesTheLoopNowAndThenOnly() throws IOException {
        RateLimiter limiter = RateLimiter.builder()
                .rate(1, Duration.ofHours(1))
                .burst(1)
                .nanoClock(traffic.serverHost.nanoClock())
                .build();
        limitAll(Way.SERVER_READS, limiter);
        traffic.start(2, false);
        traffic.run(Duration.ofSeconds(1));
        long fired = traffic.serverLoop.stats().timersFired();
        traffic.run(MINUTE);
        assertThat(traffic.serverLoop.stats().timersFired() - fired).isBetween(1L, 601L);
        assertThat(traffic.arrivedSince(0)).isEqualTo(1);
    }

    @Test
    void whatOneHadReservedThatEndsGoesToTheNext() throws IOException {
        limitAll(Way.SERVER_WRITES, traffic.limiter(10, 1));
        traffic.start(40, true);
        traffic.run(Duration.ofMillis(4_050)); // each has had a byte, so they wait in the order of their opening
        long begin = traffic.now();
        for (int i = 0; i < 20; i++) {
            Connection next = traffic.senders.get(i);
            next.abort();
            traffic.run(Duration.ofMillis(100));
        }
        assertThat(traffic.arrivedSince(begin)).isBetween(18L, 22L);
    }

    @Test
    void aLimitThatMakesNoSenseIsRefusedByName() {
        ConnectionOptions options = ConnectionOptions.DEFAULT;
        assertThatThrownBy(() -> options.withReadRate(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("readRate bytesPerSecond: 0, must be at least 1");
        assertThatThrownBy(() -> options.withWriteRate(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("writeRate burstBytes: 0, must be at least 1");
        assertThatThrownBy(() -> options.withWriteRate(-5, 10)).hasMessageContaining("writeRate bytesPerSecond: -5");
        assertThatThrownBy(() -> options.withReadRate(Long.MAX_VALUE, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("readRate: ");
        assertThatThrownBy(() -> options.withReadRate(1, Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("readRate: burst");
    }

    @Test
    @SuppressWarnings("NullAway")
    void noLimitIsNotALimit() {
        assertThatThrownBy(() -> traffic.server.readLimit(null)).hasMessage("limiter");
        assertThatThrownBy(() -> traffic.client.writeLimit(null)).hasMessage("limiter");
    }
}
