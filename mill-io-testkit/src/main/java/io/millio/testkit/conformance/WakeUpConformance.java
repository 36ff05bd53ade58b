package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.Timer;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Interest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What other threads ask of a loop that sleeps. A loop that misses it sleeps for an hour, and the test fails. */
public abstract class WakeUpConformance extends Conformance {
    private static final int THREADS = 4;

    /** For subclasses. */
    protected WakeUpConformance() {}

    // Behaviour 7
    @Test
    void noTaskIsLostThatComesWhenTheLoopGoesToSleep() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        AtomicInteger ran = new AtomicInteger();
        for (int sent = 1; sent <= 40_000; sent++) {
            int expected = sent;
            loop.execute(ran::incrementAndGet);
            Await.until("the task has run", () -> ran.get() == expected, Thread::onSpinWait);
            // Now it goes to sleep, in a matter of instructions: meet each of them.
            for (int spin = 0; spin < sent % 400; spin++) {
                Thread.onSpinWait();
            }
        }
    }

    // Behaviour 7
    @Test
    void noTaskOfManyThreadsIsEverLost() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        List<Thread> producers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            producers.add(spawn(() -> {
                AtomicInteger ran = new AtomicInteger();
                for (int sent = 1; sent <= 4000; sent++) {
                    int expected = sent;
                    loop.execute(ran::incrementAndGet);
                    // The loop may go to sleep just now; now and then it must have run all to go on.
                    if (sent % 4 == 0) {
                        Await.until("the task has run", () -> ran.get() == expected, Thread::onSpinWait);
                    }
                }
            }));
        }
        producers.forEach(Conformance::join);
        // A batch of tasks is counted when its last one has run.
        Await.until("all tasks are counted", () -> loop.stats().tasks() == THREADS * 4000L);
    }

    // Behaviour 7
    @Test
    void manySubmissionsDuringOneSleepCostOneWakeUp() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        faulty.beforePoll(() -> {
            for (int i = 0; i < THREADS; i++) {
                elsewhere(() -> {
                    loop.execute(() -> {});
                    loop.execute(() -> {});
                    loop.schedule(Duration.ZERO, () -> {});
                });
            }
        });
        loop.runOnce();
        assertThat(faulty.wakeUps()).isEqualTo(1);
        assertThat(loop.stats().tasks()).isEqualTo(2 * THREADS);
    }

    // Behaviour 7
    @Test
    void eachSleepCanBeEnded() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        faulty.beforePoll(() -> elsewhere(() -> loop.execute(() -> {})));
        turns(loop, 5);
        assertThat(faulty.wakeUps()).isEqualTo(5);
        assertThat(loop.stats().tasks()).isEqualTo(5);
    }

    // Behaviour 7
    @Test
    void submissionsToALoopThatIsAwakeCostNoWakeUp() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        AtomicInteger ran = new AtomicInteger();
        loop.execute(() -> {
            loop.execute(ran::incrementAndGet);
            elsewhere(() -> loop.execute(ran::incrementAndGet));
        });
        loop.execute(loop::stop);
        run(loop);
        assertThat(ran).hasValue(2);
        assertThat(faulty.wakeUps()).isZero();
    }

    @Test
    void aTaskThatComesJustBeforeTheSleepIsNotSleptOver() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        // At each reading of the clock that a turn makes before its poll.
        for (int reading = 0; reading < 2; reading++) {
            int wakeUps = faulty.wakeUps();
            clock.atReading(reading, () -> elsewhere(() -> loop.execute(() -> {})));
            loop.runOnce();
            long deadline = faulty.pollDeadlines().get(reading);
            assertThat(deadline <= clock.getAsLong() || faulty.wakeUps() > wakeUps)
                    .as("no sleep, or a wake-up")
                    .isTrue();
        }
    }

    @Test
    void aTimerWakesALoopThatWouldSleepPastIt() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        loop.schedule(Duration.ofMillis(50), () -> {});
        loop.runOnce();
        faulty.beforePoll(() -> elsewhere(() -> loop.schedule(Duration.ofMillis(51), () -> {})));
        loop.runOnce();
        assertThat(faulty.wakeUps()).as("a later one need not").isZero();
        faulty.beforePoll(() -> elsewhere(() -> loop.schedule(Duration.ofMillis(49), () -> {})));
        loop.runOnce(); // takes up the later one
        loop.runOnce();
        assertThat(faulty.wakeUps()).as("an earlier one must").isPositive();
    }

    @Test
    void cancellingATimerDoesNotWakeTheLoop() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        Timer timer = loop.schedule(Duration.ofMillis(50), () -> {});
        loop.runOnce();
        faulty.beforePoll(() -> elsewhere(timer::cancel));
        loop.runOnce();
        assertThat(timer.isCancelled()).isTrue();
        assertThat(faulty.wakeUps()).isZero();
        loop.runOnce();
        assertThat(loop.stats().timers()).isZero();
    }

    // Behaviour 8
    @ParameterizedTest
    @EnumSource
    void registeringFromAnotherThreadTakesEffectAtOnce(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> read(connected.stream(), 10));
        loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "x");
        Await.until("the event has come", () -> recorder.events() == 1);
    }

    // Behaviour 8
    @ParameterizedTest
    @EnumSource
    void changingTheInterestFromAnotherThreadTakesEffectAtOnce(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> read(connected.stream(), 10));
        Registration registration = loop.register(connected.stream(), Interest.NONE, recorder);
        send(connected.peer(), "x");
        registration.setInterest(Interest.READABLE);
        Await.until("the event has come", () -> recorder.events() == 1);
    }

    // Behaviour 8
    @ParameterizedTest
    @EnumSource
    void endingARegistrationFromAnotherThreadCallsOnCloseAtOnce(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder();
        loop.register(connected.stream(), Interest.READABLE, recorder).close();
        Await.until("onClose is called", () -> recorder.closes() == 1);
        Await.until("the peer sees it", () -> isAtEnd(connected.peer()));
    }

    private static boolean isAtEnd(Peer peer) {
        try {
            return peer.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    // Behaviour 8
    @Test
    void closingASourceFromAnotherThreadGivesItsDescriptorBackAtOnce() throws IOException {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        Connected connected = connected();
        Recorder recorder = new Recorder();
        loop.register(connected.stream(), Interest.NONE, recorder);
        connected.stream().close();
        Await.until("the peer sees it", () -> isAtEnd(connected.peer()));
        Await.until("onClose is called", () -> recorder.closes() == 1);
    }

    // Behaviour 8
    @Test
    void aTimerFromAnotherThreadFiresThoughTheLoopSleeps() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(MILLI, fired::incrementAndGet);
        Await.until("it has fired", () -> fired.get() == 1);
        Timer later = loop.schedule(HOUR, fired::incrementAndGet);
        assertThat(later.restart(MILLI)).isTrue();
        Await.until("the restarted one has fired", () -> fired.get() == 2);
    }

    // Behaviour 8
    @Test
    void aStopEndsASleep() {
        EventLoop loop = open(sleepy(DispatchMode.DIRECT));
        Thread driver = spawn(loop::run);
        Await.until("it is driven", () -> driver.getState() != Thread.State.NEW);
        loop.stop();
        join(driver);
        assertThat(loop.isClosed()).isFalse();
    }

    // Behaviour 9
    @ParameterizedTest
    @EnumSource
    void closingEndsEverythingThatIsPendingOnce(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        List<Recorder> recorders = new ArrayList<>();
        List<Connected> connections = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Recorder recorder = new Recorder();
            Connected connected = connected();
            recorders.add(recorder);
            connections.add(connected);
            loop.register(connected.stream(), Interest.READABLE, recorder);
        }
        AtomicInteger fired = new AtomicInteger();
        Timer timer = loop.schedule(HOUR, fired::incrementAndGet);
        loop.close();
        Await.until("onClose is called for all", () -> recorders.stream().allMatch(r -> r.closes() > 0));
        assertThat(recorders)
                .allMatch(r ->
                        r.closes() == 1 && r.cause() == null && r.violations().isEmpty());
        assertThat(connections).noneMatch(each -> each.stream().isOpen());
        assertThat(timer.isCancelled()).isTrue();
        assertThat(timer.cancel()).as("cancelled once").isFalse();
        assertThat(fired).hasValue(0);
    }

    // Behaviour 9
    @Test
    void aTaskThatRacesWithTheCloseIsEitherRunOrRejected() {
        for (int round = 0; round < 20; round++) {
            EventLoop loop = asleep(DispatchMode.DIRECT);
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger ran = new AtomicInteger();
            List<Thread> producers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                producers.add(spawn(() -> {
                    try {
                        while (true) {
                            loop.execute(ran::incrementAndGet);
                            accepted.incrementAndGet();
                        }
                    } catch (RejectedExecutionException e) {
                        // closed
                    }
                }));
            }
            Await.until("the race is on", () -> ran.get() > 100);
            loop.close();
            producers.forEach(Conformance::join);
            assertThat(ran.get()).isEqualTo(accepted.get());
        }
    }

    // Behaviour 9
    @Test
    void whatIsSubmittedAfterTheCloseIsRejected() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        loop.close();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.schedule(MILLI, () -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.scheduleNanos(1, () -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> loop.register(connected.stream(), Interest.READABLE, event -> {}))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(connected.stream().isOpen()).as("still the caller's").isTrue();
    }

    // Behaviour 42
    @Test
    void aLoopWithoutAPollTimeoutSleepsUntilThereIsSomethingToDo() {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).noPollTimeout());
        turns(loop, 3);
        assertThat(faulty.pollDeadlines())
                .allMatch(deadline -> deadline > Duration.ofDays(10_000).toNanos());
    }

    // Behaviour 42
    @Test
    void timersThatAreCancelledDuringASleepDoNotPileUp() {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        loop.execute(() -> {});
        Await.until("it is driven", () -> loop.stats().turns() > 0);
        long turns = loop.stats().turns();
        for (int i = 0; i < 100_000; i++) {
            loop.schedule(HOUR.multipliedBy(2), () -> {}).cancel();
        }
        Await.until("the loop has taken some out", () -> loop.stats().turns() >= turns + 2);
    }
}
