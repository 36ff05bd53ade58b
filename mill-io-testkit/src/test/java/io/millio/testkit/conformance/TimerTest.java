package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.Repeat;
import io.millio.Timer;
import io.millio.testkit.FaultyTransport;
import io.millio.testkit.ManualClock;
import io.millio.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timers, on a clock that stands still until the test moves it. */
class TimerTest extends Conformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }

    private void advanceAndTurn(EventLoop loop, Duration by) {
        clock.advance(by);
        loop.runOnce();
    }

    // ---- when

    // Behaviour 16
    @ParameterizedTest
    @ValueSource(
            longs = {1, 999_999, 1_000_000, 1_000_001, 1_500_000, 63_999_999, 64_000_001, 4_095_500_000L, 4_096_000_001L
            })
    void aTimerNeverFiresEarlyAndAtMostAMillisecondLate(long delayNanos) {
        clock = new ManualClock(123_456_789);
        EventLoop loop = open();
        clock.advance(Duration.ofNanos(333_333));
        AtomicInteger fired = new AtomicInteger();
        loop.scheduleNanos(delayNanos, fired::incrementAndGet);
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofNanos(delayNanos - 1));
        assertThat(fired).as("before its deadline").hasValue(0);
        advanceAndTurn(loop, MILLI);
        assertThat(fired).as("after its deadline").hasValue(1);
    }

    // Behaviour 17
    @Test
    void timersOfOneDeadlineFireInTheOrderTheyWereStarted() {
        EventLoop loop = open();
        List<Integer> order = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            int number = i;
            expected.add(number);
            loop.schedule(Duration.ofMillis(70), () -> order.add(number));
            if (i == 25) {
                loop.runOnce(); // half of them before the others are known
            }
        }
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofMillis(70));
        assertThat(order).isEqualTo(expected);
    }

    // Behaviour 17
    @Test
    void timersOfDifferentDeadlinesFireInTheirOrderThoughAllAreLate() {
        EventLoop loop = open();
        List<Integer> order = new ArrayList<>();
        for (int millis : new int[] {500, 3, 70, 1, 4100, 64}) {
            loop.schedule(Duration.ofMillis(millis), () -> order.add(millis));
        }
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofSeconds(10));
        assertThat(order).containsExactly(1, 3, 64, 70, 500, 4100);
    }

    // Behaviour 18
    @Test
    void hugeDelaysNeitherOverflowNorFireAtOnce() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        for (Duration huge : List.of(
                Duration.ofSeconds(Long.MAX_VALUE),
                Duration.ofNanos(Long.MAX_VALUE),
                Duration.ofDays(365 * 292),
                Duration.ofDays(365 * 72))) {
            Timer timer = loop.schedule(huge, fired::incrementAndGet);
            assertThat(timer.restart(huge)).isTrue();
            loop.scheduleRepeating(huge, huge, Repeat.FIXED_RATE, fired::incrementAndGet);
            loop.scheduleRepeating(Duration.ZERO, huge, Repeat.FIXED_RATE, () -> {});
            loop.scheduleRepeating(Duration.ZERO, huge, Repeat.FIXED_DELAY, () -> {});
        }
        turns(loop, 3);
        assertThat(loop.stats().timersFired()).isEqualTo(8);
        advanceAndTurn(loop, Duration.ofDays(365));
        loop.runOnce();
        assertThat(fired).hasValue(0);
        assertThat(loop.stats().timersFired()).isEqualTo(8);
    }

    // Behaviour 20
    @Test
    void theNextDeadlineIsRightAcrossTheLevelsOfTheWheel() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(Duration.ofDays(30)));
        long[] delaysMillis = {1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 4160, 262_143, 262_144, 262_145, 20_000_000
        };
        List<Long> lateNanos = new ArrayList<>();
        for (long millis : delaysMillis) {
            Duration delay = Duration.ofMillis(millis).plusNanos(123_456);
            long due = clock.getAsLong() + delay.toNanos();
            loop.schedule(delay, () -> lateNanos.add(clock.getAsLong() - due));
            // A later fine timer, started on the way there, must not hide it.
            loop.schedule(Duration.ofMillis(millis - 1), () -> loop.schedule(Duration.ofMillis(30), () -> {}));
        }
        loop.runOnce();
        for (int turn = 0; turn < 500 && lateNanos.size() < delaysMillis.length; turn++) {
            loop.runOnce();
            long slept = faulty.pollDeadlines().get(faulty.pollDeadlines().size() - 1);
            clock.set(Math.max(clock.getAsLong(), slept)); // as a sleep until then
        }
        assertThat(lateNanos).hasSize(delaysMillis.length).allMatch(late -> late >= 0 && late <= 1_000);
    }

    // Behaviours 16, 20
    @Test
    void aLoopSleepsUntilATimerIsDueAndNotALittleLess() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(Duration.ofNanos(1_500_001), fired::incrementAndGet);
        loop.runOnce();
        for (int turn = 0; turn < 5; turn++) {
            loop.runOnce();
            clock.set(faulty.pollDeadlines().get(faulty.pollDeadlines().size() - 1)); // as a sleep until then
        }
        assertThat(fired).hasValue(1);
    }

    // Behaviour 20
    @Test
    void aCancelledTimerDoesNotHideALaterOne() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        AtomicInteger fired = new AtomicInteger();
        Timer early = loop.schedule(Duration.ofMillis(100), fired::incrementAndGet);
        loop.schedule(Duration.ofMillis(101), fired::incrementAndGet);
        loop.runOnce();
        early.cancel();
        turns(loop, 2);
        assertThat(loop.stats().timers()).isEqualTo(1);
        clock.advance(Duration.ofMillis(101));
        turns(loop, 2);
        assertThat(fired).hasValue(1);
    }

    // ---- restart and cancel

    // Behaviour 19
    @Test
    void restartingReplacesTheDeadline() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        Timer timer = loop.schedule(Duration.ofMillis(10), fired::incrementAndGet);
        loop.runOnce();
        assertThat(timer.restart(Duration.ofMillis(30))).isTrue();
        advanceAndTurn(loop, Duration.ofMillis(29));
        assertThat(fired).as("moved away").hasValue(0);
        assertThat(timer.restart(Duration.ofMillis(5))).isTrue();
        assertThat(timer.restart(Duration.ofMillis(2))).isTrue();
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofMillis(2));
        assertThat(fired).as("moved nearer").hasValue(1);
        advanceAndTurn(loop, Duration.ofMillis(100));
        assertThat(fired).as("the deadlines it had are void").hasValue(1);
        assertThat(timer.isWaiting()).isFalse();
        assertThat(timer.restart(Duration.ofMillis(1))).isTrue();
        assertThat(timer.isWaiting()).isTrue();
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofMillis(1));
        assertThat(fired).as("started again").hasValue(2);
    }

    // Behaviour 19
    @Test
    void aTimerRestartsItselfInItsOwnCallback() {
        EventLoop loop = open();
        AtomicReference<@Nullable Timer> self = new AtomicReference<>();
        AtomicInteger fired = new AtomicInteger();
        self.set(loop.schedule(MILLI, () -> {
            fired.incrementAndGet();
            Timer timer = self.get();
            assertThat(timer != null && timer.restart(Duration.ofMillis(5))).isTrue();
        }));
        loop.runOnce();
        advanceAndTurn(loop, MILLI);
        advanceAndTurn(loop, Duration.ofMillis(4));
        assertThat(fired).hasValue(1);
        advanceAndTurn(loop, MILLI);
        assertThat(fired).hasValue(2);
    }

    // Behaviour 19
    @Test
    void aTimerCanBeCancelledByAnotherOneOfTheSameTick() {
        EventLoop loop = open();
        List<Timer> timers = new ArrayList<>();
        AtomicInteger fired = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            timers.add(loop.schedule(MILLI, () -> {
                fired.incrementAndGet();
                assertThat(timers.get(2).cancel()).isEqualTo(fired.get() == 1);
            }));
        }
        loop.runOnce();
        advanceAndTurn(loop, MILLI);
        advanceAndTurn(loop, MILLI);
        assertThat(fired).hasValue(2);
        assertThat(timers.get(2).isCancelled()).isTrue();
    }

    // Behaviour 19
    @Test
    void aRepeatingTimerCanBeCancelledInItsOwnCallback() {
        for (Repeat repeat : Repeat.values()) {
            EventLoop loop = open();
            AtomicReference<@Nullable Timer> self = new AtomicReference<>();
            AtomicInteger fired = new AtomicInteger();
            Timer timer = loop.scheduleRepeating(MILLI, MILLI, repeat, () -> {
                Timer own = self.get();
                if (fired.incrementAndGet() == 2 && own != null) {
                    own.cancel();
                }
            });
            self.set(timer);
            for (int i = 0; i < 10; i++) {
                advanceAndTurn(loop, MILLI);
            }
            assertThat(fired).hasValue(2);
            assertThat(timer.isCancelled()).isTrue();
            assertThat(timer.restart(MILLI)).isFalse();
        }
    }

    // Behaviour 21
    @Test
    void aCancelledTimerNeverFiresAndOneThatFiredCannotBeCancelled() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        Timer cancelled = loop.schedule(MILLI, fired::incrementAndGet);
        assertThat(cancelled.cancel()).isTrue();
        assertThat(cancelled.cancel()).isFalse();
        Timer done = loop.schedule(MILLI, fired::incrementAndGet);
        loop.runOnce();
        advanceAndTurn(loop, MILLI);
        assertThat(fired).hasValue(1);
        assertThat(done.cancel()).isFalse();
        assertThat(done.isCancelled()).isFalse();
        assertThat(loop.stats().timers()).isZero();
    }

    // Behaviour 21
    @Test
    void aTimerThatIsOverNeverTouchesAStrangersTimer() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            Timer old = loop.schedule(MILLI, () -> {});
            loop.runOnce();
            advanceAndTurn(loop, MILLI);
            loop.schedule(MILLI, fired::incrementAndGet); // takes the place of the old one
            loop.runOnce();
            assertThat(old.cancel()).isFalse();
            loop.runOnce();
            advanceAndTurn(loop, MILLI);
            assertThat(fired).hasValue(i + 1);
        }
    }

    // Behaviour 21
    @Test
    void aCancelThatRacesWithTheTimerDecidesWhetherItFires() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(spawn(() -> {
                for (int round = 0; round < 3000; round++) {
                    AtomicInteger fired = new AtomicInteger();
                    Timer timer = loop.schedule(Duration.ZERO, fired::incrementAndGet);
                    for (int spin = 0; spin < round % 64; spin++) {
                        Thread.onSpinWait();
                    }
                    if (timer.cancel()) {
                        assertThat(timer.isCancelled()).isTrue();
                        int expected = fired.get();
                        assertThat(expected).isZero();
                    } else {
                        Await.until("it fires", () -> fired.get() == 1, Thread::onSpinWait);
                    }
                }
            }));
        }
        threads.forEach(Conformance::join);
        Await.until("none is left", () -> loop.stats().timers() == 0, () -> loop.execute(() -> {}));
    }

    // ---- repeating

    // Behaviour 22
    @Test
    void afterALongPauseAPeriodicTimerFiresOnceAndKeepsItsBeat() {
        EventLoop loop = open();
        List<Long> firedAtMillis = new ArrayList<>();
        loop.scheduleRepeating(
                Duration.ofMillis(10),
                Duration.ofMillis(10),
                Repeat.FIXED_RATE,
                () -> firedAtMillis.add(clock.getAsLong() / MILLI.toNanos()));
        loop.runOnce();
        advanceAndTurn(loop, Duration.ofMillis(10));
        advanceAndTurn(loop, Duration.ofMillis(1005));
        turns(loop, 3);
        assertThat(firedAtMillis).containsExactly(10L, 1015L);
        advanceAndTurn(loop, Duration.ofMillis(4));
        assertThat(firedAtMillis).hasSize(2);
        advanceAndTurn(loop, Duration.ofMillis(1));
        assertThat(firedAtMillis).containsExactly(10L, 1015L, 1020L);
    }

    // Behaviour 22
    @Test
    void aDelayBetweenRunsCountsFromTheEndOfTheLast() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        loop.scheduleRepeating(Duration.ZERO, Duration.ofMillis(10), Repeat.FIXED_DELAY, () -> {
            fired.incrementAndGet();
            clock.advance(Duration.ofMillis(7)); // the run takes its time
        });
        turns(loop, 2);
        assertThat(fired).hasValue(1);
        advanceAndTurn(loop, Duration.ofMillis(9));
        assertThat(fired).hasValue(1);
        advanceAndTurn(loop, MILLI);
        assertThat(fired).hasValue(2);
    }

    // ---- the end of the loop

    @Test
    void timersThatWaitWhenTheLoopClosesAreCancelled() {
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        Timer taken = loop.schedule(HOUR, fired::incrementAndGet);
        Timer repeating = loop.scheduleRepeating(HOUR, HOUR, Repeat.FIXED_DELAY, fired::incrementAndGet);
        loop.runOnce();
        Timer fresh = loop.schedule(HOUR, fired::incrementAndGet);
        loop.close();
        for (Timer timer : List.of(taken, repeating, fresh)) {
            assertThat(timer.isCancelled()).isTrue();
            assertThat(timer.isWaiting()).isFalse();
            assertThat(timer.cancel()).isFalse();
            assertThat(timer.restart(MILLI)).isFalse();
        }
        assertThat(fired).hasValue(0);
    }

    // Behaviour 22
    @Test
    void aRepeatingTimerOutlivesItsOwnFailures() {
        expectErrors();
        EventLoop loop = open();
        AtomicInteger fired = new AtomicInteger();
        loop.scheduleRepeating(MILLI, MILLI, Repeat.FIXED_RATE, () -> {
            fired.incrementAndGet();
            throw new IllegalStateException("on purpose");
        });
        loop.runOnce();
        for (int i = 0; i < 5; i++) {
            advanceAndTurn(loop, MILLI);
        }
        assertThat(fired).hasValue(5);
        assertThat(loop.stats().errors()).isEqualTo(5);
        assertThat(loop.stats().timers()).isEqualTo(1);
    }
}
