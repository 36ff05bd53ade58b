package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Interest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Turns, and what begins and ends them. */
public abstract class LoopConformance extends Conformance {
    /** For subclasses. */
    protected LoopConformance() {}

    // ---- stop

    // Behaviour 2
    @Test
    void aLaterRunGoesOnWithAllTimersAndRegistrations() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> loop.stop());
        loop.register(connected.stream(), Interest.READABLE, recorder);
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(MILLI, () -> {
            fired.incrementAndGet();
            loop.stop();
        });
        loop.execute(loop::stop);
        run(loop);
        assertThat(fired).hasValue(0);
        clock.advance(MILLI);
        run(loop);
        assertThat(fired).hasValue(1);
        send(connected.peer(), "x");
        run(loop);
        assertThat(recorder.events()).isEqualTo(1);
    }

    // ---- interrupts and returns without a cause

    // Behaviour 3
    @Test
    void anInterruptDoesNotEndARunAndIsHandedBackAfterIt() {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(sleepy(DispatchMode.DIRECT).transport(faulty));
        AtomicBoolean handedBack = new AtomicBoolean();
        AtomicInteger interruptedPolls = new AtomicInteger();
        faulty.beforePoll(() -> {
            if (Thread.currentThread().isInterrupted()) {
                interruptedPolls.incrementAndGet();
            }
        });
        Thread driver = spawn(() -> {
            loop.run();
            handedBack.set(Thread.interrupted());
        });
        Await.until("it sleeps", () -> faulty.pollDeadlines().size() == 1);
        driver.interrupt();
        Await.until("the sleep has ended", () -> faulty.pollDeadlines().size() >= 2);
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        Await.until("the task has run", () -> ran.get() == 1);
        loop.stop();
        join(driver);
        assertThat(handedBack).as("handed back").isTrue();
        assertThat(interruptedPolls.get()).as("sleeps that could not be").isLessThanOrEqualTo(1);
    }

    // Behaviour 3
    @Test
    void pollsThatReturnWithoutACauseSkipNoWork() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> read(connected.stream(), 10));
        loop.register(connected.stream(), Interest.READABLE, recorder);
        AtomicInteger ran = new AtomicInteger();
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        loop.execute(ran::incrementAndGet);
        faulty.returnFromPolls(3);
        send(connected.peer(), "x");
        turns(loop, 3);
        assertThat(recorder.events()).isZero();
        assertThat(ran).hasValue(2);
        drive(loop, "the event comes", () -> recorder.events() == 1);
    }

    // ---- how long a turn sleeps

    // ---- one turn

    // Behaviour 5
    @Test
    void oneTurnReturnsHowMuchItHandled() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        loop.register(
                connected.stream(),
                Interest.WRITABLE,
                event -> event.registration().setInterest(Interest.NONE));
        loop.schedule(MILLI, () -> {});
        AtomicInteger handled = new AtomicInteger();
        drive(loop, "the stream is writable", () -> {
            handled.addAndGet(loop.runOnce());
            return loop.stats().events() == 1;
        });
        clock.advance(MILLI);
        loop.execute(() -> {});
        assertThat(loop.runOnce()).isEqualTo(2);
        assertThat(loop.runOnce()).isZero();
    }

    // ---- fairness

    // Behaviour 6
    @Test
    void aTaskThatNeverEndsStarvesNeitherTimersNorEvents() throws IOException {
        EventLoop loop = open(builder(DispatchMode.DIRECT).maxTasksPerTurn(8));
        Connected connected = connected();
        Recorder recorder = new Recorder();
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(Duration.ZERO, fired::incrementAndGet);
        AtomicBoolean over = new AtomicBoolean();
        Runnable[] endless = new Runnable[1];
        endless[0] = () -> {
            if (!over.get()) {
                loop.execute(endless[0]);
            }
        };
        for (int i = 0; i < 20; i++) {
            loop.execute(endless[0]);
        }
        drive(loop, "both were served", () -> fired.get() == 1 && recorder.events() > 0);
        over.set(true);
        drive(loop, "the tasks have ended", () -> loop.runOnce() <= 1);
    }

    // Behaviour 6
    @Test
    void aSourceThatIsAlwaysReadyStarvesNeitherTasksNorTimers() throws IOException {
        EventLoop loop = open();
        loop.register(connected().stream(), Interest.WRITABLE, new Recorder());
        AtomicInteger ran = new AtomicInteger();
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        loop.execute(ran::incrementAndGet);
        turns(loop, 3);
        assertThat(ran).hasValue(2);
    }

    // Behaviour 6
    @Test
    void moreEventsThanATurnTakesAreServedInTurn() throws IOException {
        EventLoop loop = open(builder(DispatchMode.DIRECT).eventCapacity(2));
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Recorder recorder = new Recorder();
            recorders.add(recorder);
            loop.register(connected().stream(), Interest.WRITABLE, recorder);
        }
        for (int turn = 0; turn < 50 && recorders.stream().anyMatch(r -> r.events() == 0); turn++) {
            assertThat(loop.runOnce()).isLessThanOrEqualTo(2);
        }
        assertThat(recorders).allMatch(r -> r.events() > 0);
    }

    // ---- who drives

    @Test
    void whatAProgramHoldsOfALoopCannotBeRunAsATask() throws IOException {
        EventLoop loop = open();
        assertThat(loop.schedule(HOUR, () -> {})).isNotInstanceOf(Runnable.class);
        assertThat(loop.register(connected().stream(), Interest.NONE, event -> {}))
                .isNotInstanceOf(Runnable.class);
    }
}
