package io.millio.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.LoopTimes;
import io.millio.net.TcpServer;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopMetricsTest extends MetricsCase {
    private static final String PREFIX = "millio_loop_";

    @Test
    void theCountsOfALoopAreThoseOfItsTraffic() throws Exception {
        try (EventLoop loop = EventLoop.builder()
                        .direct()
                        .noPollTimeout()
                        .measureTimes(true)
                        .name("front")
                        .build();
                LoopMetrics metrics = new LoopMetrics(loop, Tags.of("service", "echo"))) {
            metrics.bindTo(registry);
            loop.start();
            TcpServer server = TcpServer.builder()
                    .address("127.0.0.1", 0)
                    .loop(loop)
                    .handler((connection, bytes) -> connection.write(bytes))
                    .start();
            String[] of = {"service=echo", "name=front"};
            try (Socket client = connect(server.localAddress())) {
                client.getOutputStream().write(new byte[5]);
                assertThat(client.getInputStream().readNBytes(5)).hasSize(5);
                until("both are registered", () -> value(PREFIX + "registrations", of) == 2);
            }
            CountDownLatch ran = new CountDownLatch(3);
            for (int i = 0; i < 3; i++) {
                loop.execute(ran::countDown);
            }
            ran.await();
            until("the client has gone", () -> value(PREFIX + "registrations", of) == 1);
            assertThat(value(PREFIX + "events_total", of))
                    .isBetween(2.0, (double) loop.stats().events());
            until(
                    "it is idle",
                    () -> value(PREFIX + "events_total", of) == loop.stats().events());
            until(
                    "the turns are counted",
                    () -> value(PREFIX + "turns_total", of) == loop.stats().turns());
            // A batch of tasks is counted when its last one has run.
            until("the tasks are counted", () -> value(PREFIX + "tasks_total", of) >= 3);
            assertThat(value(PREFIX + "tasks_total", of))
                    .isEqualTo((double) loop.stats().tasks());
            assertThat(value(PREFIX + "errors_total", of)).isZero();

            LoopTimes times = Objects.requireNonNull(loop.stats().times());
            assertThat(value(PREFIX + "run_duration_seconds_count", of))
                    .isEqualTo((double) times.runs().count());
            assertThat(value(PREFIX + "run_duration_seconds_sum", of))
                    .isCloseTo(times.runs().totalNanos() / 1e9, within(1e-9));
            double max = value(PREFIX + "run_duration_max_seconds", of);
            assertThat(max).isPositive();
            assertThat(value(PREFIX + "run_duration_percentile_seconds", "service=echo", "name=front", "phi=0.5"))
                    .isBetween(0.0, max);
            assertThat(scrape().types())
                    .containsEntry("millio_loop_turn_duration_seconds", "summary")
                    .containsEntry("millio_loop_task_delay_max_seconds", "gauge")
                    .containsEntry("millio_loop_turns_total", "counter")
                    .containsEntry("millio_loop_timers", "gauge");
            assertNamedByTheConventions();
            server.close();
        }
        assertNothingIsLeft();
    }

    @Test
    void aLoopThatMeasuresNoTimesHasNoMetersOfThem() {
        try (EventLoop loop = EventLoop.builder().direct().build();
                LoopMetrics metrics = new LoopMetrics(loop, Tags.empty())) {
            metrics.bindTo(registry);
            assertThat(scrape().types().keySet()).isNotEmpty().noneMatch(each -> each.endsWith("_seconds"));
        }
    }

    @Test
    void eachLoopOfAGroupHasItsOwnMeters() {
        try (EventLoopGroup group = EventLoop.builder().direct().buildGroup(2);
                LoopMetrics metrics = new LoopMetrics(group, Tags.empty())) {
            metrics.bindTo(registry);
            group.loops().get(1).execute(() -> {});
            group.loops().get(1).runOnce();
            until(
                    "the task is counted",
                    () -> value(PREFIX + "tasks_total", "name=" + group.loops().get(1)) == 1);
            assertThat(value(PREFIX + "tasks_total", "name=" + group.loops().get(0)))
                    .isZero();
        }
    }

    @Test
    void percentilesAndMaximumForgetWhatWasLongAgo() {
        AtomicLong time = new AtomicLong();
        MockClock clock = new MockClock();
        SimpleMeterRegistry simple = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
        try (EventLoop loop = EventLoop.builder()
                        .direct()
                        .pollTimeout(Duration.ZERO)
                        .nanoClock(time::get)
                        .measureTimes(true)
                        .build();
                LoopMetrics metrics = new LoopMetrics(loop, Tags.empty())) {
            metrics.bindTo(simple);
            runFor(loop, time, 1_000_000_000);
            clock.add(Duration.ofSeconds(1));
            assertThat(maxSeconds(simple)).isEqualTo(1);
            clock.add(Duration.ofSeconds(60));
            assertThat(maxSeconds(simple)).isEqualTo(1);
            clock.add(Duration.ofSeconds(60));
            assertThat(maxSeconds(simple)).isZero();
            runFor(loop, time, 1_000_000);
            clock.add(Duration.ofSeconds(1));
            assertThat(maxSeconds(simple)).isBetween(0.001, 0.001 * 17 / 16);
            assertThat(simple.get("millio.loop.run.duration.percentile")
                            .tag("phi", "0.99")
                            .timeGauge()
                            .value(TimeUnit.SECONDS))
                    .isBetween(0.001, 0.001 * 17 / 16);
            assertThat(simple.get("millio.loop.run.duration").functionTimer().totalTime(TimeUnit.SECONDS))
                    .isCloseTo(1.001, within(1e-9));
        }
        assertThat(simple.getMeters()).isEmpty();
    }

    private static void runFor(EventLoop loop, AtomicLong time, long nanos) {
        long before = loop.stats().tasks();
        loop.execute(() -> time.addAndGet(nanos));
        while (loop.stats().tasks() == before) {
            loop.runOnce();
        }
    }

    private static double maxSeconds(SimpleMeterRegistry simple) {
        return simple.get("millio.loop.run.duration.max").timeGauge().value(TimeUnit.SECONDS);
    }
}
