package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.LoopError.Origin;
import io.millio.Registration;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Interest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Failures are reported and affect no other registration. */
public abstract class FaultConformance extends Conformance {
    /** For subclasses. */
    protected FaultConformance() {}

    @BeforeEach
    void failuresAreTheSubject() {
        expectErrors();
    }

    private static final class OnPurpose extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private Recorder echoOf(EventLoop loop, Connected connected, Text text) throws IOException {
        Recorder recorder = new Recorder(event -> text.append(read(connected.stream(), 10)));
        loop.register(connected.stream(), Interest.READABLE, recorder);
        return recorder;
    }

    private void assertStillServes(EventLoop loop) throws IOException {
        Connected connected = connected();
        Text text = new Text();
        echoOf(loop, connected, text);
        send(connected.peer(), "still here");
        drive(loop, "another source is served", () -> text.toString().equals("still here"));
    }

    // ---- handlers

    // Behaviour 34
    @ParameterizedTest
    @EnumSource
    void aHandlerThatThrowsLosesItsSourceAndHarmsNothingElse(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected other = connected();
        Text text = new Text();
        Recorder otherRecorder = echoOf(loop, other, text);
        Connected connected = connected();
        OnPurpose thrown = new OnPurpose();
        Recorder recorder = new Recorder(event -> {
            throw thrown;
        });
        Registration registration = loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThat(recorder.cause()).isSameAs(thrown);
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(connected.stream().isOpen()).isFalse();
        assertThat(loop.stats().errors()).isEqualTo(1);
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.origin()).isEqualTo(Origin.HANDLER);
            assertThat(error.subject()).isSameAs(registration);
            assertThat(error.cause()).isSameAs(thrown);
        });
        send(other.peer(), "x");
        drive(loop, "the other is served", () -> text.toString().equals("x"));
        assertThat(otherRecorder.closes()).isZero();
    }

    // Behaviour 34
    @ParameterizedTest
    @EnumSource
    void aHandlerThatThrowsAThousandTimesIsKeptWhereThatIsThePolicy(DispatchMode mode) throws IOException {
        EventLoop loop = open(builder(mode).keepAfterError(true));
        Connected other = connected();
        Text text = new Text();
        echoOf(loop, other, text);
        AtomicInteger thrown = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            if (thrown.incrementAndGet() == 1000) {
                event.registration().setInterest(Interest.NONE);
            }
            throw new OnPurpose();
        });
        loop.register(connected().stream(), Interest.WRITABLE, recorder);
        send(other.peer(), "x");
        drive(loop, "a thousand are counted", () -> loop.stats().errors() == 1000);
        turns(loop, MANY_TURNS);
        assertThat(loop.stats().errors()).isEqualTo(1000);
        assertThat(recorder.events()).isEqualTo(1000);
        assertThat(recorder.closes()).isZero();
        drive(loop, "the other is served", () -> text.toString().equals("x"));
        assertStillServes(loop);
    }

    @ParameterizedTest
    @EnumSource
    void handlersThatThrowKillNoWorker(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        for (int i = 0; i < 20; i++) {
            Recorder recorder = new Recorder(event -> {
                throw new OnPurpose();
            });
            loop.register(connected().stream(), Interest.WRITABLE, recorder);
            drive(loop, "onClose is called", () -> recorder.closes() == 1);
        }
        assertStillServes(loop);
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    @ParameterizedTest
    @EnumSource
    void stackAndMemoryErrorsCountAsTheHandlers(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Recorder overflowing = new Recorder(event -> overflow(0));
        loop.register(connected().stream(), Interest.WRITABLE, overflowing);
        Recorder hungry = new Recorder(event -> {
            throw new OutOfMemoryError("not really");
        });
        loop.register(connected().stream(), Interest.WRITABLE, hungry);
        drive(loop, "onClose is called for both", () -> overflowing.closes() == 1 && hungry.closes() == 1);
        assertThat(overflowing.cause()).isInstanceOf(StackOverflowError.class);
        assertThat(hungry.cause()).isInstanceOf(OutOfMemoryError.class);
        assertThat(loop.isClosed()).isFalse();
        assertStillServes(loop);
    }

    @ParameterizedTest
    @EnumSource
    void anErrorOfTheVirtualMachineEndsTheLoopAndIsThrownByRun(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        InternalError thrown = new InternalError("not really");
        Recorder recorder = new Recorder(event -> {
            throw thrown;
        });
        Recorder bystander = new Recorder();
        loop.register(connected().stream(), Interest.NONE, bystander);
        loop.register(connected().stream(), Interest.WRITABLE, recorder);
        assertThat(failureOfRun(loop)).isSameAs(thrown);
        assertThat(loop.isClosed()).isTrue();
        Await.until("onClose is called for both", () -> recorder.closes() == 1 && bystander.closes() == 1);
    }

    @Test
    void anErrorOfTheVirtualMachineInATaskOrATimerEndsTheLoopToo() {
        EventLoop byTask = open();
        InternalError thrown = new InternalError("not really");
        byTask.execute(() -> {
            throw thrown;
        });
        assertThat(failureOfRun(byTask)).isSameAs(thrown);
        EventLoop byTimer = open();
        byTimer.schedule(Duration.ZERO, () -> {
            throw thrown;
        });
        assertThat(failureOfRun(byTimer)).isSameAs(thrown);
        assertThat(byTask.isClosed() && byTimer.isClosed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOtherCallbacksThrowIsCountedToo(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        AtomicInteger closes = new AtomicInteger();
        EventHandler throwing = new EventHandler() {
            @Override
            public void handle(Event event) {
                event.registration().setInterest(Interest.NONE);
            }

            @Override
            public void onShutdown(Registration registration) {
                throw new OnPurpose();
            }

            @Override
            public void onClose(Registration registration, @Nullable Throwable cause) {
                closes.incrementAndGet();
                throw new OnPurpose();
            }
        };
        loop.register(connected().stream(), Interest.WRITABLE, throwing);
        Registration second = loop.register(connected().stream(), Interest.NONE, throwing);
        second.close();
        drive(
                loop,
                "onClose is called, its failure counted",
                () -> closes.get() == 1 && loop.stats().errors() == 1);
        assertThat(loop.isClosed()).isFalse();
        assertThat(loop.shutdown(HOUR))
                .satisfies(done -> Await.until("it is closed", done::isDone, () -> {
                    if (!loop.isClosed()) {
                        loop.runOnce();
                    }
                }));
        assertThat(closes).hasValue(2);
        assertThat(loop.stats().errors()).isEqualTo(3);
    }

    // ---- tasks and timers

    // Behaviour 32
    @Test
    void aTaskOrTimerThatThrowsHarmsNothingElse() throws IOException {
        EventLoop loop = open();
        AtomicInteger ran = new AtomicInteger();
        OnPurpose thrown = new OnPurpose();
        Runnable throwing = () -> {
            throw thrown;
        };
        loop.schedule(Duration.ZERO, throwing);
        loop.schedule(Duration.ZERO, ran::incrementAndGet);
        loop.execute(throwing);
        loop.execute(ran::incrementAndGet);
        turns(loop, 3);
        assertThat(ran).hasValue(2);
        assertThat(loop.stats().errors()).isEqualTo(2);
        assertThat(errors).extracting(error -> error.origin()).containsExactlyInAnyOrder(Origin.TASK, Origin.TIMER);
        assertThat(errors).allMatch(error -> error.cause() == thrown);
        assertStillServes(loop);
    }

    @Test
    void aTaskThatThrowsWhileTheLoopClosesIsReported() {
        EventLoop loop = open();
        AtomicInteger ran = new AtomicInteger();
        OnPurpose thrown = new OnPurpose();
        loop.execute(() -> {
            throw thrown;
        });
        loop.execute(ran::incrementAndGet);
        loop.close();
        assertThat(ran).hasValue(1);
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.origin()).isEqualTo(Origin.TASK);
            assertThat(error.cause()).isSameAs(thrown);
        });
    }

    // ---- executors and error handlers

    @Test
    void anExecutorThatRejectsARunHasTheSourceClosedWithThatCause() throws IOException {
        RejectedExecutionException rejection = new RejectedExecutionException("full");
        AtomicBoolean full = new AtomicBoolean(true);
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(task -> {
            if (full.get()) {
                throw rejection;
            }
            task.run();
        }));
        Connected connected = connected();
        Recorder recorder = new Recorder();
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.events()).isZero();
        assertThat(recorder.cause()).isSameAs(rejection);
        assertThat(connected.stream().isOpen()).isFalse();
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.origin()).isEqualTo(Origin.DISPATCH));
        full.set(false);
        assertStillServes(loop);
    }

    @ParameterizedTest
    @EnumSource
    void anErrorHandlerThatThrowsHarmsNothing(DispatchMode mode) throws IOException {
        System.Logger logger = System.getLogger(EventLoop.class.getName());
        assertThat(logger).isNotNull();
        EventLoop loop = open(builder(mode).errorHandler(error -> {
            throw new OnPurpose();
        }));
        Recorder recorder = new Recorder(event -> {
            throw new OnPurpose();
        });
        loop.register(connected().stream(), Interest.WRITABLE, recorder);
        loop.execute(() -> {
            throw new OnPurpose();
        });
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        drive(loop, "both are counted", () -> loop.stats().errors() == 2);
        assertStillServes(loop);
    }

    // ---- the poller

    @Test
    void aPollThatFailsEndsTheLoopWhichSaysSo() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        Recorder recorder = new Recorder();
        loop.register(connected().stream(), Interest.READABLE, recorder);
        AtomicInteger ran = new AtomicInteger();
        loop.execute(ran::incrementAndGet);
        IOException failure = new IOException("Bad file descriptor (not really)");
        faulty.beforePoll(() -> {
            throw failure;
        });
        assertThat(failureOfRun(loop)).isInstanceOf(UncheckedIOException.class).hasCause(failure);
        assertThat(loop.isClosed()).isTrue();
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(ran).as("what was taken is run").hasValue(1);
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.origin()).isEqualTo(Origin.LOOP));
    }
}
