package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Interest;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources and tokens: who may have them, and that nothing comes when they are given back. */
public abstract class RegistrationConformance extends Conformance {
    /** For subclasses. */
    protected RegistrationConformance() {}

    // ---- twice, or wrongly

    // Behaviour 10
    @Test
    void aSourceRegisteredTwiceIsAnErrorAndTheFirstStays() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        Recorder first = new Recorder();
        loop.register(connected.stream(), Token.of(1), Interest.WRITABLE, first);
        Recorder second = new Recorder();
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.register(connected.stream(), Token.of(2), Interest.WRITABLE, second))
                .withMessageContaining("already");
        drive(loop, "the first is served", () -> first.events() > 0);
        assertThat(second.events() + second.closes()).isZero();
        assertThat(loop.registration(Token.of(2))).isEmpty();
        assertThat(loop.stats().registrations()).isEqualTo(1);
    }

    // Behaviour 10
    @Test
    void aSourceRegisteredWithTwoLoopsIsAnErrorAndTheFirstStays() throws IOException {
        EventLoop loop = open();
        EventLoop other = open();
        TcpStream stream = connected().stream();
        Recorder first = new Recorder();
        loop.register(stream, Interest.WRITABLE, first);
        assertThatIllegalStateException().isThrownBy(() -> other.register(stream, Interest.WRITABLE, new Recorder()));
        drive(loop, "the first is served", () -> first.events() > 0);
        assertThat(other.stats().registrations()).isZero();
    }

    // Behaviour 10
    @Test
    void aLiveTokenReusedIsAnErrorAndTheFirstStays() throws IOException {
        EventLoop loop = open();
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Registration live = loop.register(connected().stream(), Token.of(7), Interest.WRITABLE, first);
        TcpStream stream = connected().stream();
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.register(stream, Token.of(7), Interest.WRITABLE, second))
                .withMessageContaining("7");
        drive(loop, "the first is served", () -> first.events() > 0);
        assertThat(loop.registration(Token.of(7))).contains(live);
        assertThat(second.events()).isZero();
        loop.register(stream, Token.of(8), Interest.WRITABLE, second);
        drive(loop, "its source was left free", () -> second.events() > 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE})
    void everyTokenIsTheUsers(long value) throws IOException {
        EventLoop loop = open();
        AtomicReference<Token> seen = new AtomicReference<>();
        Token token = Token.of(value);
        Registration registration =
                loop.register(connected().stream(), token, Interest.WRITABLE, event -> seen.set(event.token()));
        drive(loop, "the token is delivered", () -> token.equals(seen.get()));
        assertThat(loop.registration(token)).contains(registration);
        loop.deregister(token);
        assertThat(loop.registration(token)).isEmpty();
        assertThat(token.value()).isEqualTo(value);
    }

    @Test
    void tokensThatAreGivenNeverEqualNamedOnes() throws IOException {
        EventLoop loop = open();
        Set<Token> tokens = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Token given = loop.register(connected().stream(), Interest.NONE, new Recorder())
                    .token();
            assertThat(given).isNotEqualTo(Token.of(given.value()));
            assertThat(tokens.add(given)).isTrue();
            assertThat(tokens.add(Token.of(i))).isTrue();
            loop.register(connected().stream(), Token.of(given.value()), Interest.NONE, new Recorder());
        }
    }

    // Behaviour 11
    @Test
    void aSourceOfAForeignTransportIsAnErrorThatNamesBoth() {
        EventLoop loop = open();
        Source foreign = new ForeignSource();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loop.register(foreign, Token.of(1), Interest.READABLE, new Recorder()))
                .withMessageContaining(transport().name())
                .withMessageContaining(ForeignSource.class.getName());
        assertThat(loop.registration(Token.of(1))).isEmpty();
        assertThat(foreign.isOpen()).isTrue();
    }

    private static final class ForeignSource implements Source {
        private boolean open = true;

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }

        @Override
        public int condition() {
            return open ? 0 : Readiness.CLOSED;
        }
    }

    // Behaviour 11
    @Test
    void aClosedSourceIsAnErrorAtOnce() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        connected.stream().close();
        Recorder recorder = new Recorder();
        assertThatThrownBy(() -> loop.register(connected.stream(), Token.of(1), Interest.READABLE, recorder))
                .isInstanceOf(IOException.class);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isZero();
        assertThat(loop.registration(Token.of(1))).isEmpty();
    }

    // Behaviour 11
    @Test
    void aRegistrationThatTheSystemRefusesLeavesNothingBehind() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        TcpStream stream = connected().stream();
        IOException refusal = new IOException("No space left on device (not really)");
        faulty.beforeNextAdd(() -> {
            throw refusal;
        });
        Recorder refused = new Recorder();
        assertThatThrownBy(() -> loop.register(stream, Token.of(1), Interest.WRITABLE, refused))
                .isSameAs(refusal);
        assertThat(stream.isOpen()).isTrue();
        Recorder recorder = new Recorder();
        loop.register(stream, Token.of(1), Interest.WRITABLE, recorder);
        drive(loop, "it is served", () -> recorder.events() > 0);
        assertThat(refused.events() + refused.closes()).isZero();
    }

    @Test
    void aRegistrationThatEndsWhileItIsRefusedDoesNotHoldUpAShutdown() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        TcpStream stream = connected().stream();
        faulty.beforeNextAdd(() -> {
            assertThat(loop.registration(Token.of(1))).isEmpty(); // found only when it is made
            throw new IOException("No space left on device (not really)");
        });
        assertThatThrownBy(() -> loop.register(stream, Token.of(1), Interest.WRITABLE, new Recorder()))
                .isInstanceOf(IOException.class);
        loop.runOnce();
        CompletableFuture<Boolean> done = loop.shutdown(HOUR);
        for (int turn = 0; turn < MANY_TURNS && !loop.isClosed(); turn++) {
            loop.runOnce();
        }
        assertThat(done).isCompletedWithValue(true);
    }

    // Behaviour 41
    @Test
    void aRegistrationThatRacesWithCloseIsRejectedAndLeavesTheSourceToItsCaller() throws IOException {
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        TcpStream stream = connected().stream();
        Recorder recorder = new Recorder();
        faulty.beforeNextAdd(loop::close);
        assertThatThrownBy(() -> loop.register(stream, Token.of(1), Interest.WRITABLE, recorder))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(loop.isClosed()).isTrue();
        assertThat(stream.isOpen()).isTrue();
        assertThat(recorder.closes()).isZero();
        EventLoop other = open(); // which it can be registered with
        other.register(stream, Token.of(1), Interest.WRITABLE, recorder);
        drive(other, "it is served", () -> recorder.events() > 0);
    }

    // Behaviour 11
    @Test
    void whatIsNotRegisteredCannotBeDeregistered() throws IOException {
        EventLoop loop = open();
        assertThatIllegalStateException()
                .isThrownBy(() -> loop.deregister(Token.of(5)))
                .withMessageContaining("5");
        Registration registration = loop.register(connected().stream(), Interest.NONE, new Recorder());
        registration.deregister();
        assertThatIllegalStateException().isThrownBy(registration::deregister);
        assertThat(registration.isActive()).isFalse();
        registration.close();
        registration.setInterest(Interest.READABLE);
        turns(loop, MANY_TURNS);
        assertThat(((TcpStream) registration.source()).isOpen())
                .as("left to the caller")
                .isTrue();
    }

    // ---- nothing afterwards

    // Behaviour 12
    @ParameterizedTest
    @EnumSource
    void noEventComesAfterDeregisterThoughOneIsPending(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        send(connected.peer(), "x");
        Recorder recorder = new Recorder();
        Registration registration = loop.register(connected.stream(), Interest.READABLE, recorder);
        drive(loop, "it is ready", () -> recorder.events() > 0);
        registration.deregister();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        int before = recorder.events();
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(before);
        assertThat(recorder.violations()).isEmpty();
    }

    // Behaviour 12
    @ParameterizedTest
    @EnumSource(names = {"DIRECT", "INLINE"})
    void noEventComesAfterAnotherHandlerOfTheSameBatchEndedIt(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        List<Registration> registrations = new ArrayList<>();
        List<Recorder> recorders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Recorder recorder = new Recorder(event -> registrations.stream()
                    .filter(each -> each != event.registration() && each.isActive())
                    .forEach(Registration::close));
            recorders.add(recorder);
            registrations.add(loop.register(connected().stream(), Interest.WRITABLE, recorder));
        }
        turns(loop, 3);
        assertThat(recorders).filteredOn(r -> r.events() > 0).hasSize(1);
        assertThat(recorders).filteredOn(r -> r.closes() == 1).hasSize(3);
        assertThat(recorders).allMatch(r -> r.violations().isEmpty());
    }

    // Behaviour 12
    @ParameterizedTest
    @EnumSource(names = {"DIRECT", "INLINE"})
    void aRegistrationThatTakesAPlaceDoesNotInheritItsOldEvent(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected quiet = connected();
        Recorder heir = new Recorder();
        List<Registration> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Connected ready = connected();
            send(ready.peer(), "x");
            both.add(loop.register(ready.stream(), Interest.READABLE, event -> {
                if (both.get(0).isActive() && both.get(1).isActive()) {
                    both.get(event.registration() == both.get(0) ? 1 : 0).close();
                    loop.register(quiet.stream(), Interest.READABLE, heir);
                }
            }));
        }
        turns(loop, MANY_TURNS);
        assertThat(both).filteredOn(Registration::isActive).hasSize(1);
        assertThat(heir.events()).isZero();
        send(quiet.peer(), "x");
        drive(loop, "its own event comes", () -> heir.events() > 0);
    }

    // Behaviour 12
    @ParameterizedTest
    @EnumSource
    void aSourceCanBeRegisteredAnewAsSoonAsItIsDeregistered(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder last = new Recorder(event -> read(connected.stream(), 10));
        Recorder first = new Recorder(event -> {
            event.registration().deregister();
            loop.register(connected.stream(), Token.of(3), Interest.READABLE, last);
        });
        loop.register(connected.stream(), Token.of(3), Interest.WRITABLE, first);
        drive(loop, "the first has ended", () -> first.closes() == 1);
        for (int i = 0; i < 20; i++) { // in and out, from a thread that is not the loop's
            elsewhere(() -> {
                loop.deregister(Token.of(3));
                loop.register(connected.stream(), Token.of(3), Interest.READABLE, new Recorder(last::handle));
            });
        }
        send(connected.peer(), "x");
        drive(loop, "the last is served", () -> last.events() == 1);
        assertThat(loop.stats().registrations()).isEqualTo(1);
    }

    // Behaviour 12
    @Test
    void manyThreadsRegisterAndEndWithoutATrace() throws IOException {
        EventLoop loop = asleep(DispatchMode.WORKERS);
        List<Recorder> recorders = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            TcpStream stream = connected().stream();
            List<Recorder> own = new ArrayList<>();
            for (int round = 0; round < 1000; round++) {
                own.add(new Recorder());
            }
            recorders.addAll(own);
            threads.add(spawn(() -> {
                for (Recorder recorder : own) {
                    loop.register(stream, Interest.WRITABLE, recorder).deregister();
                }
            }));
        }
        threads.forEach(Conformance::join);
        Await.until("onClose is called for all", () -> recorders.stream().allMatch(r -> r.closes() == 1));
        assertThat(loop.stats().registrations()).isZero();
        assertThat(recorders).allMatch(r -> r.violations().isEmpty());
    }

    // ---- whose the source is

    @Test
    void aLoopThatClosesClosesWhatIsRegisteredAndNothingElse() throws IOException {
        EventLoop loop = open();
        TcpStream registered = connected().stream();
        TcpStream deregistered = connected().stream();
        TcpStream never = connected().stream();
        loop.register(registered, Interest.READABLE, new Recorder());
        loop.register(deregistered, Interest.READABLE, new Recorder()).deregister();
        loop.close();
        assertThat(registered.isOpen()).isFalse();
        assertThat(deregistered.isOpen()).isTrue();
        assertThat(never.isOpen()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void closingTheSourceItselfEndsItsRegistration(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> event.source().close());
        Registration registration = loop.register(connected.stream(), Token.of(1), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(recorder.cause()).isNull();
        assertThat(registration.isActive()).isFalse();
        assertThat(loop.registration(Token.of(1))).isEmpty();
    }

    // Behaviour 11
    @Test
    void anEventMayComeBeforeRegisterReturns() throws IOException {
        EventLoop loop = asleep(DispatchMode.POOL);
        for (int i = 0; i < 50; i++) {
            AtomicReference<Registration> seen = new AtomicReference<>();
            Registration registration = loop.register(connected().stream(), Interest.WRITABLE, event -> {
                event.registration().setInterest(Interest.NONE);
                seen.set(event.registration());
            });
            Await.until("the event is delivered", () -> seen.get() == registration);
            assertThat(registration.interest()).isEqualTo(Interest.NONE);
            registration.close();
        }
    }

    // Behaviours 9, 41
    @Test
    void aRegistrationThatRacesWithAShutdownIsRejectedAndLeavesTheSourceToItsCaller() throws IOException {
        for (int turns = 0; turns < 4; turns++) {
            FaultyTransport faulty = new FaultyTransport(transport());
            EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
            TcpStream stream = connected().stream();
            Recorder recorder = new Recorder();
            int before = turns;
            faulty.beforeNextAdd(() -> {
                loop.runOnce();
                assertThat(loop.shutdown(HOUR)).isNotNull();
                for (int i = 0; i < before && !loop.isClosed(); i++) {
                    loop.runOnce();
                }
            });
            try {
                loop.register(stream, Token.of(1), Interest.READABLE, recorder);
                drive(loop, "the shutdown ends what was registered in time", () -> recorder.closes() == 1);
            } catch (RejectedExecutionException e) {
                assertThat(stream.isOpen()).isTrue();
                assertThat(recorder.closes() + recorder.events()).isZero();
                assertThat(loop.registrations()).isZero();
            }
            Await.until("the loop closes", loop::isClosed, () -> {
                if (!loop.isClosed()) {
                    loop.runOnce();
                }
            });
            stream.close();
        }
    }
}
