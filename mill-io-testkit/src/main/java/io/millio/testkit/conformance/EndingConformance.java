package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shutting down and closing. */
public abstract class EndingConformance extends Conformance {
    /** For subclasses. */
    protected EndingConformance() {}

    private static void drive(EventLoop loop, CompletableFuture<Boolean> done) {
        Await.until("the loop has closed", done::isDone, () -> {
            if (!loop.isClosed()) {
                loop.runOnce();
            }
        });
    }

    // ---- shutdown

    @ParameterizedTest
    @EnumSource
    void aShutdownClosesTheSourcesThatHaveNothingToWrite(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Recorder recorder = new Recorder();
        Connected connected = connected();
        loop.register(connected.stream(), Interest.READABLE, recorder);
        TcpListener listener = listen(transport());
        Recorder acceptor = new Recorder();
        loop.register(listener, Interest.READABLE, acceptor);
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        Await.until("it has closed", done::isDone);
        assertThat(done).isCompletedWithValue(true);
        assertThat(recorder.shutdowns()).isEqualTo(1);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(acceptor.shutdowns()).as("a listener is closed first").isZero();
        assertThat(acceptor.closes()).isEqualTo(1);
        assertThat(connected.stream().isOpen() || listener.isOpen()).isFalse();
        assertThat(recorder.violations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aShutdownWaitsForWhatIsStillToBeWritten(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Recorder recorder = new Recorder();
        Registration registration = loop.register(connected().stream(), Interest.READABLE_WRITABLE, recorder);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        drive(loop, "onShutdown is called", () -> recorder.shutdowns() == 1);
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        assertThat(registration.isActive()).isTrue();
        registration.setInterest(Interest.READABLE);
        drive(loop, done);
        assertThat(done).isCompletedWithValue(true);
        assertThat(recorder.shutdowns()).isEqualTo(1);
        assertThat(recorder.closes()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineCutsAShutdownOff(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Recorder recorder = new Recorder();
        Connected connected = connected();
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(Duration.ofSeconds(2));
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        clock.advance(Duration.ofSeconds(2));
        drive(loop, done);
        assertThat(done).isCompletedWithValue(false);
        Await.until("onClose is called", () -> recorder.closes() == 1);
        assertThat(connected.stream().isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"WORKERS", "POOL"})
    void aShutdownWaitsForAHandlerThatRuns(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = gate();
        Recorder recorder = new Recorder(event -> {
            event.registration().setInterest(Interest.READABLE);
            inside.countDown();
            goOn.await();
        });
        loop.register(connected().stream(), Interest.WRITABLE, recorder);
        drive(loop, "it runs", () -> inside.getCount() == 0);
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        turns(loop, MANY_TURNS);
        assertThat(done).isNotDone();
        goOn.countDown();
        drive(loop, done);
        assertThat(done).isCompletedWithValue(true);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.violations()).isEmpty();
    }

    @Test
    void theLastEndBeforeASleepIsNotSleptOver() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        ConcurrentLinkedQueue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT)
                .executor(handed::add)
                .transport(faulty)
                .pollTimeout(HOUR));
        Recorder recorder = new Recorder();
        loop.register(connected().stream(), Interest.NONE, recorder);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        // Until only the word that all has ended is missing.
        Await.until("the end is handed over", () -> !recorder.isInside() && lastIsHanded(loop, handed), loop::runOnce);
        turns(loop, 2);
        int wakeUps = faulty.wakeUps();
        int polls = faulty.pollDeadlines().size();
        clock.atReading(0, () -> elsewhere(() -> runAll(handed)));
        loop.runOnce();
        assertThat(recorder.closes()).isEqualTo(1);
        boolean slept = faulty.pollDeadlines().get(polls) > clock.getAsLong();
        assertThat(slept && faulty.wakeUps() == wakeUps)
                .as("slept though everything had ended")
                .isFalse();
        drive(loop, done);
        assertThat(done).isCompletedWithValue(true);
    }

    /** Runs the tasks given to the executor, except the last one, which calls onClose. */
    private static boolean lastIsHanded(EventLoop loop, ConcurrentLinkedQueue<Runnable> handed) {
        if (loop.stats().registrations() == 0) {
            return !handed.isEmpty();
        }
        runAll(handed);
        return false;
    }

    private static void runAll(ConcurrentLinkedQueue<Runnable> handed) {
        for (Runnable run; (run = handed.poll()) != null; ) {
            run.run();
        }
    }

    @Test
    void duringAShutdownTasksAreTakenAndRegistrationsRefused() throws IOException {
        EventLoop loop = open();
        Registration registration = loop.register(connected().stream(), Interest.WRITABLE, new Recorder());
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        turns(loop, 3);
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        turns(loop, 3);
        assertThat(ran).hasValue(2);
        Connected late = connected();
        assertThatThrownBy(() -> loop.register(late.stream(), Interest.READABLE, new Recorder()))
                .isInstanceOf(RejectedExecutionException.class);
        registration.close();
        drive(loop, done);
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aSecondShutdownChangesNothing() throws IOException {
        EventLoop loop = open();
        loop.register(connected().stream(), Interest.WRITABLE, new Recorder());
        loop.runOnce();
        CompletableFuture<Boolean> first = loop.shutdown(Duration.ofSeconds(1));
        CompletableFuture<Boolean> second = loop.shutdown(HOUR);
        turns(loop, 3);
        clock.advance(Duration.ofSeconds(1));
        drive(loop, first);
        assertThat(second).isCompletedWithValue(false);
    }

    @Test
    void aCloseCompletesTheShutdownUnderWay() throws IOException {
        EventLoop loop = open();
        loop.register(connected().stream(), Interest.WRITABLE, new Recorder());
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        loop.close();
        assertThat(done).isCompletedWithValue(false);
    }

    // ---- close

    @ParameterizedTest
    @EnumSource
    void closingTwiceIsFine(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Recorder recorder = new Recorder();
        loop.register(connected().stream(), Interest.READABLE, recorder);
        loop.close();
        loop.close();
        elsewhere(loop::close);
        Await.until("onClose is called", () -> recorder.closes() == 1);
        assertThat(loop.isClosed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aHandlerMayCloseItsLoop(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Recorder recorder = new Recorder(event -> {
            loop.close();
            loop.close();
        });
        Recorder bystander = new Recorder();
        loop.register(connected().stream(), Interest.READABLE, bystander);
        loop.register(connected().stream(), Interest.WRITABLE, recorder);
        run(loop);
        assertThat(loop.isClosed()).isTrue();
        Await.until("onClose is called for both", () -> recorder.closes() == 1 && bystander.closes() == 1);
        assertThat(recorder.violations()).isEmpty();
        assertThat(recorder.events()).isEqualTo(1);
    }

    @Test
    void aTaskATimerAndTheEndOfARegistrationMayCloseTheLoop() throws IOException {
        EventLoop byTask = open();
        byTask.execute(byTask::close);
        run(byTask);
        EventLoop byTimer = open();
        byTimer.schedule(Duration.ZERO, byTimer::close);
        run(byTimer);
        EventLoop byEnd = open();
        Registration registration = byEnd.register(connected().stream(), Interest.NONE, new EventHandler() {
            @Override
            public void handle(Event event) {}

            @Override
            public void onClose(Registration over, @Nullable Throwable cause) {
                byEnd.close();
            }
        });
        registration.close();
        run(byEnd);
        assertThat(byTask.isClosed() && byTimer.isClosed() && byEnd.isClosed()).isTrue();
    }

    // ---- deadlines

    // Behaviour 39
    @Test
    void aStopDuringAShutdownDoesNotKeepTheLoopAwake() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        loop.register(connected().stream(), Interest.READABLE, new EventHandler() {
            @Override
            public void handle(Event event) {}

            @Override
            public void onShutdown(Registration registration) {} // it has time
        });
        loop.runOnce(); // else it is shut down in the call
        CompletableFuture<Boolean> done = loop.shutdown(HOUR.multipliedBy(2));
        turns(loop, 3);
        loop.stop();
        turns(loop, 3);
        assertThat(done).isNotDone();
        List<Long> deadlines = faulty.pollDeadlines();
        assertThat(deadlines.get(deadlines.size() - 1)).isEqualTo(clock.getAsLong() + HOUR.toNanos());
    }

    // Behaviour 37
    @ParameterizedTest
    @EnumSource
    void aShutdownEndsInTimeThoughACallbackIsStuck(DispatchMode mode) {
        assumeTrue(transport().nanoClock() == Transport.named("nio").nanoClock(), "the system's clock");
        EventLoop loop = asleep(mode);
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch goOn = gate();
        loop.execute(() -> {
            stuck.countDown();
            Await.until("the gate opens", () -> goOn.getCount() == 0);
        });
        Await.until("it is stuck", () -> stuck.getCount() == 0);
        CompletableFuture<Boolean> done = loop.shutdown(MILLI);
        CompletableFuture<Boolean> second = loop.shutdown(HOUR);
        Await.until("the deadline has passed", () -> done.isDone() && second.isDone());
        assertThat(done).isCompletedWithValue(false);
        assertThat(second).isCompletedWithValue(false);
        assertThat(loop.isClosed()).isFalse();
        goOn.countDown();
        Await.until("the loop closes", loop::isClosed);
    }
}
