package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millio.EventLoop;
import io.millio.Repeat;
import io.millio.testkit.FaultyTransport;
import io.millio.testkit.ManualClock;
import io.millio.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a loop is run, stopped, and how long it sleeps: what no transport decides. */
class LoopRunTest extends Conformance {
    @Override
    protected Transport transport() {
        return Transport.named("nio");
    }

    private FaultyTransport recorded() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        return faulty;
    }

    private static long lastDeadline(FaultyTransport faulty) {
        return faulty.pollDeadlines().get(faulty.pollDeadlines().size() - 1);
    }

    // Behaviour 1
    @Test
    void aStopBeforeRunMakesThatRunReturnAtOnce() {
        EventLoop loop = open();
        AtomicInteger ran = new AtomicInteger();
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        loop.stop();
        run(loop);
        assertThat(ran).hasValue(0);
        assertThat(loop.stats().turns()).isZero();
        turns(loop, 2);
        assertThat(ran).hasValue(1);
    }

    // Behaviour 1
    @Test
    void aStopBeforeRunOnceMakesItDoNothing() {
        EventLoop loop = open();
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        loop.stop();
        assertThat(loop.runOnce()).isZero();
        assertThat(ran).hasValue(0);
        loop.runOnce();
        assertThat(ran).hasValue(1);
    }

    // Behaviour 2
    @Test
    void aStopInsideACallbackEndsTheTurnNormally() {
        EventLoop loop = open();
        List<String> ran = new ArrayList<>();
        loop.execute(() -> {
            loop.stop();
            ran.add("stopping");
        });
        loop.execute(() -> ran.add("next"));
        run(loop);
        assertThat(ran).containsExactly("stopping", "next");
    }

    // Behaviour 2
    @Test
    void aRunConsumesAllTheStopsThatEndedIt() {
        EventLoop loop = open();
        AtomicInteger second = new AtomicInteger();
        loop.execute(loop::stop);
        loop.execute(loop::stop);
        run(loop);
        loop.execute(() -> {
            second.incrementAndGet();
            loop.stop();
        });
        run(loop);
        assertThat(second).hasValue(1);
    }

    // Behaviour 3
    @Test
    void anInterruptSkipsNoWork() {
        EventLoop loop = open(builder(DispatchMode.DIRECT).pollTimeout(HOUR));
        AtomicInteger ran = new AtomicInteger();
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        loop.execute(ran::incrementAndGet);
        for (int turn = 0; turn < 2; turn++) {
            Thread.currentThread().interrupt();
            loop.runOnce();
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(ran).hasValue(2);
    }

    // Behaviour 4
    @Test
    void aTurnWithWorkDoesNotSleep() {
        FaultyTransport faulty = recorded();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        loop.execute(() -> {});
        loop.runOnce();
        assertThat(lastDeadline(faulty)).as("with a task").isLessThanOrEqualTo(clock.getAsLong());
        loop.schedule(MILLI, () -> {});
        loop.runOnce();
        clock.advance(MILLI);
        loop.runOnce();
        assertThat(lastDeadline(faulty)).as("with a timer due").isLessThanOrEqualTo(clock.getAsLong());
    }

    // Behaviour 4
    @Test
    void aTurnSleepsUntilTheNextTimer() {
        FaultyTransport faulty = recorded();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        loop.schedule(Duration.ofMillis(700), () -> {});
        loop.schedule(Duration.ofMillis(30), () -> {});
        turns(loop, 2);
        assertThat(lastDeadline(faulty))
                .isCloseTo(clock.getAsLong() + Duration.ofMillis(30).toNanos(), within(MILLI.toNanos()));
    }

    // Behaviour 4
    @Test
    void aTurnSleepsForThePollTimeoutAtMost() {
        FaultyTransport faulty = recorded();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(Duration.ofMillis(250)));
        loop.runOnce();
        long latest = clock.getAsLong() + Duration.ofMillis(250).toNanos();
        assertThat(lastDeadline(faulty)).as("without timers").isEqualTo(latest);
        loop.schedule(HOUR, () -> {});
        turns(loop, 2);
        assertThat(lastDeadline(faulty)).as("with a later timer").isEqualTo(latest);
    }

    // Behaviour 4
    @Test
    void aClockThatWrapsDisturbsNoDeadline() {
        clock = new ManualClock(Long.MAX_VALUE - Duration.ofMillis(5).toNanos());
        FaultyTransport faulty = recorded();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(Duration.ofMillis(10), fired::incrementAndGet);
        turns(loop, 2);
        assertThat(lastDeadline(faulty) - clock.getAsLong())
                .isCloseTo(Duration.ofMillis(10).toNanos(), within(MILLI.toNanos()));
        clock.advance(Duration.ofMillis(9));
        loop.runOnce();
        assertThat(fired).hasValue(0);
        clock.advance(Duration.ofMillis(2));
        loop.runOnce();
        assertThat(fired).hasValue(1);
    }

    // Behaviour 5
    @Test
    void oneTurnRunsEachTimerOnceAtMost() {
        EventLoop loop = open();
        AtomicInteger again = new AtomicInteger();
        AtomicInteger repeated = new AtomicInteger();
        Runnable[] rearming = new Runnable[1];
        rearming[0] = () -> {
            again.incrementAndGet();
            loop.schedule(Duration.ZERO, rearming[0]);
        };
        loop.schedule(Duration.ZERO, rearming[0]);
        loop.scheduleRepeating(Duration.ZERO, MILLI, Repeat.FIXED_RATE, repeated::incrementAndGet);
        loop.runOnce(); // takes them up
        int before = again.get();
        for (int turn = 1; turn <= 5; turn++) {
            clock.advance(Duration.ofMillis(3));
            int repeatedBefore = repeated.get();
            loop.runOnce();
            assertThat(again).hasValue(before + turn);
            assertThat(repeated).hasValue(repeatedBefore + 1);
        }
    }

    // Behaviour 6
    @Test
    void aStormOfTimersIsSpreadOverTurns() {
        EventLoop loop = open(builder(DispatchMode.DIRECT).maxTimersPerTurn(8));
        AtomicInteger fired = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            loop.schedule(MILLI, fired::incrementAndGet);
        }
        loop.runOnce();
        clock.advance(MILLI);
        AtomicInteger firedBeforeTask = new AtomicInteger(-1);
        loop.execute(() -> firedBeforeTask.set(fired.get()));
        loop.runOnce();
        assertThat(firedBeforeTask).hasValue(8);
        loop.runOnce();
        assertThat(fired).hasValue(16);
        loop.runOnce();
        assertThat(fired).hasValue(20);
    }

    @Test
    void aLoopIsDrivenByOneThreadAtATime() {
        EventLoop loop = open();
        loop.execute(() -> {
            assertThatIllegalStateException().isThrownBy(loop::run);
            assertThatIllegalStateException().isThrownBy(loop::runOnce);
            assertThatIllegalStateException().isThrownBy(loop::start);
            elsewhere(() -> assertThatIllegalStateException().isThrownBy(loop::runOnce));
        });
        loop.runOnce();
    }

    @Test
    void insideATurnOfThisLoopMeansInTheLoop() {
        EventLoop loop = open();
        EventLoop other = open();
        List<Boolean> answers = new ArrayList<>();
        loop.execute(() -> {
            answers.add(loop.inLoop());
            answers.add(other.inLoop());
        });
        loop.runOnce();
        assertThat(answers).containsExactly(true, false);
        assertThat(loop.inLoop()).isFalse();
    }

    @Test
    void aClosedLoopRefusesToBeDriven() {
        EventLoop loop = open();
        loop.close();
        assertThat(loop.isClosed()).isTrue();
        assertThatThrownBy(loop::run).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(loop::runOnce).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(loop::start).isInstanceOf(RejectedExecutionException.class);
    }
}
