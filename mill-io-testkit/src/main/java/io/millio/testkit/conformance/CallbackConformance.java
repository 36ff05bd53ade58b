package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.Event;
import io.millio.EventHandler;
import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Interest;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How handlers are called: again as long as something is left, one at a time, and the end last. */
public abstract class CallbackConformance extends Conformance {
    /** For subclasses. */
    protected CallbackConformance() {}

    // ---- again and again

    // Behaviour 13
    @ParameterizedTest
    @EnumSource
    void afterAPartialReadTheRestIsReported(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Text text = new Text();
        Recorder recorder = new Recorder(event -> text.append(read(connected.stream(), 3)));
        loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "0123456789");
        drive(loop, "all is read", () -> text.length() == 10);
        assertThat(text.toString()).isEqualTo("0123456789");
    }

    // Behaviour 13
    @ParameterizedTest
    @EnumSource
    void afterNothingIsLeftTheNextByteIsReported(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Text text = new Text();
        Recorder recorder = new Recorder(event -> {
            String part;
            do {
                part = read(connected.stream(), 3);
                text.append(part);
            } while (!part.isEmpty());
        });
        loop.register(connected.stream(), Interest.READABLE, recorder);
        for (int i = 1; i <= 20; i++) {
            send(connected.peer(), "x");
            int expected = i;
            drive(loop, "the byte is read", () -> text.length() == expected);
        }
        int before = recorder.events();
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).as("no event without a byte").isEqualTo(before);
        assertThat(recorder.violations()).isEmpty();
    }

    // Behaviour 13
    @ParameterizedTest
    @EnumSource
    void aPausedSourceIsSilentUntilItsInterestReturns(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> event.registration().setInterest(Interest.NONE));
        Registration registration = loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "x");
        for (int i = 1; i <= 3; i++) {
            int expected = i;
            drive(loop, "it is reported", () -> recorder.events() == expected && !recorder.isInside());
            turns(loop, MANY_TURNS);
            assertThat(recorder.events()).isEqualTo(i);
            registration.setInterest(Interest.READABLE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEventReportsReadinessWithinTheInterest(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        AtomicReference<@Nullable String> seen = new AtomicReference<>();
        Recorder recorder = new Recorder(event -> seen.set(
                event.source() == connected.stream()
                        ? event.isReadable() + " " + event.isWritable()
                        : "another source"));
        Registration registration = loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "it is writable", () -> "false true".equals(seen.get()));
        send(connected.peer(), "x");
        registration.setInterest(Interest.READABLE_WRITABLE);
        drive(loop, "it is both", () -> "true true".equals(seen.get()));
        registration.setInterest(Interest.READABLE);
        drive(loop, "it is readable", () -> "true false".equals(seen.get()));
    }

    // ---- one at a time

    @ParameterizedTest
    @EnumSource
    void runsOfOneHandlerNeverOverlapAndSeeEachOther(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Connected connected = connected();
        Peer peer = connected.peer();
        int writers = 3;
        int bytesEach = 1500;
        Counting counting = new Counting(writers * bytesEach);
        loop.register(connected.stream(), Interest.READABLE_WRITABLE, counting);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            threads.add(spawn(() -> {
                for (int sent = 0; sent < bytesEach; sent++) {
                    synchronized (peer) {
                        send(peer, "x");
                    }
                }
            }));
        }
        threads.forEach(Conformance::join);
        Await.until("all bytes are counted", () -> counting.done);
        assertThat(counting.recorder.violations()).isEmpty();
    }

    /** Counts in a plain field: what one run writes the next must see. */
    private static final class Counting implements EventHandler {
        private final ByteBuffer one = ByteBuffer.allocate(1);
        private final Recorder recorder = new Recorder(this::count);
        private final int expected;
        private int count;
        private volatile boolean done;

        Counting(int expected) {
            this.expected = expected;
        }

        @Override
        public void handle(Event event) throws Exception {
            recorder.handle(event);
        }

        private void count(Event event) throws IOException {
            if (event.isReadable() && ((TcpStream) event.source()).read(one.clear()) == 1) {
                count++;
                done = count == expected;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WORKERS", "POOL"})
    void anEventDuringARunWaitsForItsEnd(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = gate();
        Recorder recorder = new Recorder(event -> {
            inside.countDown();
            goOn.await();
            read(connected.stream(), 1);
        });
        loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "xy");
        drive(loop, "the run has begun", () -> inside.getCount() == 0);
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
        long busy = loop.stats().events();
        goOn.countDown();
        drive(loop, "the second run comes", () -> recorder.events() == 2 && !recorder.isInside());
        assertThat(busy).as("events handed over while the handler was busy").isEqualTo(1);
        assertThat(recorder.violations()).isEmpty();
    }

    // Behaviour 14
    @ParameterizedTest
    @EnumSource
    void callbacksNeverNest(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        List<Recorder> recorders = new ArrayList<>();
        List<Registration> registrations = new ArrayList<>();
        AtomicBoolean began = new AtomicBoolean();
        for (int i = 0; i < 4; i++) {
            Recorder recorder = new Recorder(event -> {
                event.registration().setInterest(Interest.READABLE_WRITABLE);
                event.registration().closeWhenWritten();
                if (began.compareAndSet(false, true)) {
                    registrations.forEach(Registration::close);
                    event.registration().close();
                    assertThat(loop.shutdown(HOUR)).isNotCompleted();
                }
            });
            recorders.add(recorder);
            registrations.add(loop.register(connected().stream(), Token.of(i), Interest.WRITABLE, recorder));
        }
        Await.until("onClose is called for all", () -> recorders.stream().allMatch(r -> r.closes() == 1), () -> {
            if (!loop.isClosed()) {
                loop.runOnce();
            }
        });
        assertThat(recorders).allMatch(r -> r.violations().isEmpty());
    }

    // ---- the end

    // Behaviour 15
    @ParameterizedTest
    @EnumSource
    void onCloseIsCalledOnceAndASecondCloseIsHarmless(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> {
            event.registration().close();
            event.registration().close();
        });
        Registration registration = loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        registration.close();
        elsewhere(registration::close);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(recorder.cause()).isNull();
        assertThat(recorder.violations()).isEmpty();
        assertThat(connected.stream().isOpen()).isFalse();
    }

    // Behaviour 15
    @Test
    void onCloseIsCalledAfterTheEventsOfThatTurn() throws IOException {
        EventLoop loop = open();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            loop.register(connected().stream(), Interest.WRITABLE, new EventHandler() {
                @Override
                public void handle(Event event) {
                    event.registration().close();
                    order.add("event");
                }

                @Override
                public void onClose(Registration registration, @Nullable Throwable cause) {
                    order.add("end");
                }
            });
        }
        drive(loop, "onClose is called for all", () -> order.size() == 6);
        assertThat(order.lastIndexOf("event")).isLessThan(order.indexOf("end"));
    }

    // Behaviour 15
    @ParameterizedTest
    @EnumSource(names = {"WORKERS", "POOL"})
    void aCloseDuringARunLetsItFinishAndCallsOnCloseAfterIt(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = gate();
        AtomicBoolean finished = new AtomicBoolean();
        Recorder recorder = new Recorder(event -> {
            inside.countDown();
            goOn.await();
            finished.set(true);
        });
        Registration registration = loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "the run has begun", () -> inside.getCount() == 0);
        registration.close();
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isZero();
        goOn.countDown();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThat(finished).isTrue();
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(recorder.violations()).isEmpty();
    }

    // Behaviour 15
    @ParameterizedTest
    @EnumSource
    void deregisteringCallsOnCloseOnceToo(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> event.registration().deregister());
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(connected.stream().isOpen()).isTrue();
    }

    // Behaviour 15
    @ParameterizedTest
    @EnumSource
    void closeWhenWrittenWaitsForTheWriteInterestToGo(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder();
        Registration registration = loop.register(connected.stream(), Interest.READABLE_WRITABLE, recorder);
        registration.closeWhenWritten();
        turns(loop, MANY_TURNS);
        assertThat(registration.isActive()).isTrue();
        registration.setInterest(Interest.READABLE);
        drive(loop, "it has closed", () -> recorder.closes() == 1);
        assertThat(connected.stream().isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void handlersRunWhereTheDispatchSays(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        AtomicReference<@Nullable Boolean> inLoop = new AtomicReference<>();
        loop.register(connected().stream(), Interest.WRITABLE, event -> inLoop.set(loop.inLoop()));
        drive(loop, "it has run", () -> inLoop.get() != null);
        assertThat(inLoop.get()).isEqualTo(mode.isInTurn());
    }

    // Behaviour 12
    @Test
    void aRunThatWaitsForItsThreadDoesNotBeginAfterTheEnd() throws IOException {
        Queue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(handed::add));
        Connected connected = connected();
        Recorder recorder = new Recorder();
        Registration registration = loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "x");
        drive(loop, "a run is handed over", () -> !handed.isEmpty());
        registration.close();
        drive(loop, "onClose is called", () -> {
            for (Runnable run; (run = handed.poll()) != null; ) {
                run.run();
            }
            return recorder.closes() == 1;
        });
        assertThat(recorder.events()).as("runs that began after the end").isZero();
        assertThat(recorder.violations()).isEmpty();
    }
}
