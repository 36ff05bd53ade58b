package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.testkit.ForwardingPoller;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.Transport;
import java.io.IOException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What meets inside of a call of the poller, made to happen by a poller that waits there for the other thread. */
class RegistrationRaceTest extends Conformance {
    private static final Runnable NOTHING = () -> {};

    /**
     * A transport whose poller calls back, once each, when a source has been added and when an interest has changed.
     */
    private static final class Held extends ForwardingTransport {
        private final AtomicReference<Runnable> afterAdd = new AtomicReference<>(NOTHING);
        private final AtomicReference<Runnable> afterModify = new AtomicReference<>(NOTHING);
        private final CopyOnWriteArrayList<Interest> given = new CopyOnWriteArrayList<>();

        Held(Transport delegate) {
            super(delegate);
        }

        @Override
        public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
            return new ForwardingPoller(delegate.openPoller(eventCapacity, nanoClock)) {
                @Override
                public Key add(Source source, Object attachment, Interest interest) throws IOException {
                    Key key = super.add(source, attachment, interest);
                    super.wakeup();
                    afterAdd.getAndSet(NOTHING).run();
                    return key;
                }

                @Override
                public void modify(Key key, Interest interest) {
                    super.modify(key, interest);
                    given.add(interest);
                    afterModify.getAndSet(NOTHING).run();
                }
            };
        }
    }

    private final Held held = new Held(Transport.named("nio"));

    @Override
    protected Transport transport() {
        return held;
    }

    @ParameterizedTest
    @EnumSource
    void anInterestThatAnEventChangesBeforeTheSourceIsKnownAsAddedIsArmed(DispatchMode mode) throws IOException {
        EventLoop loop = asleep(mode);
        Connected pair = connected();
        AtomicInteger reads = new AtomicInteger();
        AtomicInteger writes = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            (event.isWritable() ? writes : reads).incrementAndGet();
            event.registration().setInterest(event.isWritable() ? Interest.NONE : Interest.WRITABLE);
        });
        send(pair.peer(), "x");
        held.afterAdd.set(() -> Await.until("its first event has been handled", () -> reads.get() == 1));
        loop.register(pair.stream(), Interest.READABLE, recorder);
        Await.until("it is reported as writable", () -> writes.get() == 1);
        assertThat(reads).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void aRegistrationThatAnEventEndsBeforeTheSourceIsKnownAsAddedLeavesThePoller(DispatchMode mode)
            throws IOException {
        EventLoop loop = asleep(mode);
        Connected pair = connected();
        Recorder recorder = new Recorder(event -> event.registration().deregister());
        send(pair.peer(), "x");
        held.afterAdd.set(() -> Await.until("its first event has been handled", () -> recorder.events() == 1));
        loop.register(pair.stream(), Interest.READABLE, recorder);
        Await.until("it has ended", () -> recorder.closes() == 1);
        EventLoop next = asleep(DispatchMode.DIRECT);
        Recorder again = new Recorder(event -> event.registration().close());
        next.register(pair.stream(), Interest.READABLE, again);
        Await.until("its next loop has it", () -> again.closes() == 1);
        assertThat(recorder.events()).isOne();
    }

    @Test
    void anInterestThatIsChangedWhileTheOneBeforeIsAppliedIsAppliedToo() throws IOException {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        Connected pair = connected();
        Recorder recorder = new Recorder(event -> {
            if (event.isReadable()) {
                event.registration().close();
            }
        });
        Registration registration = loop.register(pair.stream(), Interest.NONE, recorder);
        held.afterModify.set(() -> elsewhere(() -> registration.setInterest(Interest.READABLE)));
        registration.setInterest(Interest.READABLE_WRITABLE);
        Await.until("it is armed", () -> held.given.contains(Interest.READABLE));
        send(pair.peer(), "x");
        Await.until("it is reported as readable", () -> recorder.closes() == 1);
        assertThat(held.given).endsWith(Interest.READABLE);
    }

    /** The wake-up of the registering thread comes after the source is in the poller, or the event would wait. */
    @Test
    void aSourceThatIsReadyWhenItIsAddedWakesALoopThatSleeps() throws IOException {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        Connected pair = connected();
        AtomicInteger bits = new AtomicInteger();
        loop.register(pair.stream(), Interest.WRITABLE, event -> {
            bits.set(Readiness.WRITABLE);
            event.registration().close();
        });
        Await.until("it is reported as writable", () -> bits.get() == Readiness.WRITABLE);
    }
}
