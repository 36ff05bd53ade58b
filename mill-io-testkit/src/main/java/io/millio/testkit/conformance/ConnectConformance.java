package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.Event;
import io.millio.EventLoop;
import io.millio.LoopError;
import io.millio.Registration;
import io.millio.testkit.FaultyTransport;
import io.millio.transport.Capability;
import io.millio.transport.Interest;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that begin: connecting, listening, accepting. */
public abstract class ConnectConformance extends Conformance {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** For subclasses. */
    protected ConnectConformance() {}

    private static void finishConnect(Event event) throws IOException {
        if (((TcpStream) event.source()).finishConnect()) {
            event.registration().setInterest(Interest.READABLE);
        }
    }

    // ---- connecting

    // Behaviour 23
    @ParameterizedTest
    @EnumSource
    void aConnectIsReportedWhenItIsDone(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        PeerListener listener = peers().listen();
        TcpStream stream = loop.openStream(listener.address());
        assertThat(stream.remoteAddress()).isEqualTo(listener.address());
        Text text = new Text();
        Recorder recorder = new Recorder(event -> {
            if (event.isWritable()) {
                finishConnect(event);
            } else {
                text.append(read(stream, 10));
            }
        });
        loop.register(stream, Interest.WRITABLE, recorder);
        drive(loop, "it is connected", () -> recorder.events() > 0 && !recorder.isInside());
        Peer peer = listener.accept();
        assertThat(peer).isNotNull();
        if (peer != null) {
            send(peer, "hello");
        }
        drive(loop, "bytes come", () -> text.toString().equals("hello"));
    }

    // Behaviour 23
    @ParameterizedTest
    @EnumSource
    void aRefusedConnectIsReportedOnceWithItsCause(DispatchMode mode) throws IOException {
        expectErrors();
        EventLoop loop = open(mode);
        InetSocketAddress refusing = (InetSocketAddress) peers().refusingAddress();
        TcpStream stream = track(loop.openStream(refusing));
        Recorder recorder = new Recorder(ConnectConformance::finishConnect);
        loop.register(stream, Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isEqualTo(1);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.cause())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(String.valueOf(refusing.getPort()));
        assertThat(stream.isOpen()).isFalse();
        assertThat(errors).hasSize(1);
    }

    // Behaviour 23
    @ParameterizedTest
    @EnumSource(names = {"WORKERS", "POOL"})
    void theCauseOfARefusedConnectIsNotLostToATurnInBetween(DispatchMode mode) throws IOException {
        expectErrors();
        EventLoop loop = open(mode);
        CountDownLatch refused = new CountDownLatch(1);
        CountDownLatch goOn = gate();
        Recorder recorder = new Recorder(event -> {
            try {
                finishConnect(event);
            } finally {
                refused.countDown();
                goOn.await();
            }
        });
        loop.register(track(loop.openStream(peers().refusingAddress())), Interest.WRITABLE, recorder);
        drive(loop, "it is refused", () -> refused.getCount() == 0);
        turns(loop, MANY_TURNS); // the stream is closed by now, and the loop may see it
        goOn.countDown();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThat(recorder.cause()).isInstanceOf(ConnectException.class);
        assertThat(recorder.violations()).isEmpty();
    }

    // Behaviour 23
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aConnectThatIsFinishedDuringATurnLeadsToTheNextEvents(int reading) throws IOException {
        ConcurrentLinkedQueue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(handed::add));
        PeerListener listener = peers().listen();
        TcpStream stream = loop.openStream(listener.address());
        AtomicBoolean connected = new AtomicBoolean();
        finishesDuringATurn(loop, handed, stream, connected, stream::finishConnect, reading);
    }

    /** Finishes a connect. */
    private interface Finish {
        boolean finish() throws IOException;
    }

    /** A worker finishes the connect at this reading of the clock, that is, between two steps of the turn. */
    private void finishesDuringATurn(
            EventLoop loop,
            ConcurrentLinkedQueue<Runnable> handed,
            Source source,
            AtomicBoolean connected,
            Finish connect,
            int reading)
            throws IOException {
        Recorder recorder = new Recorder(event -> {
            if (!connected.get()) {
                connected.set(connect.finish());
            }
        });
        loop.register(source, Interest.WRITABLE, recorder);
        drive(loop, "a run is handed over", () -> !handed.isEmpty());
        clock.atReading(reading, () -> elsewhere(() -> runAll(handed)));
        loop.runOnce();
        drive(loop, "it is connected and writable", () -> {
            runAll(handed);
            return connected.get() && recorder.events() >= 3;
        });
        loop.close();
        runAll(handed);
    }

    private static void runAll(ConcurrentLinkedQueue<Runnable> handed) {
        for (Runnable run; (run = handed.poll()) != null; ) {
            run.run();
        }
    }

    // Behaviour 23
    @Test
    void anUnresolvedAddressIsAnErrorAtOnce() {
        EventLoop loop = open();
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("nowhere.invalid", 80);
        assertThatThrownBy(() -> loop.openStream(unresolved)).isInstanceOf(UnknownHostException.class);
        assertThatThrownBy(() -> loop.openListener(unresolved)).isInstanceOf(UnknownHostException.class);
    }

    // ---- listening

    // Behaviour 24
    @Test
    void bindingToAPortInUseIsAnErrorAtOnce() throws IOException {
        EventLoop loop = open();
        TcpListener first = listen(transport());
        assertThatThrownBy(() -> loop.openListener(first.localAddress())).isInstanceOf(BindException.class);
        Peer peer = peers().connect(first.localAddress());
        send(peer, "x");
        TcpStream stream = track(accept(first));
        Await.until("the first works on", () -> "x".equals(quietly(stream)));
    }

    private static String quietly(TcpStream stream) {
        try {
            return read(stream, 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // Behaviour 24
    @ParameterizedTest
    @EnumSource
    void connectionsThatCameBeforeTheFirstAcceptAreNotLost(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        TcpListener listener = listen(transport());
        for (int i = 0; i < 5; i++) {
            peers().connect(listener.localAddress());
        }
        AtomicInteger accepted = new AtomicInteger();
        loop.register(listener, Interest.READABLE, new Recorder(event -> {
            TcpStream stream = listener.accept(); // one per event: readiness is reported again for the rest
            if (stream != null) {
                stream.close();
                accepted.incrementAndGet();
            }
        }));
        drive(loop, "all are accepted", () -> accepted.get() == 5);
    }

    // Behaviour 24
    @Test
    void aConnectionThatIsResetBeforeItIsAcceptedHarmsNoOther() throws IOException {
        EventLoop loop = open();
        TcpListener listener = listen(transport());
        peers().connect(listener.localAddress()).reset();
        send(peers().connect(listener.localAddress()), "x");
        Text text = new Text();
        loop.register(listener, Interest.READABLE, event -> {
            for (TcpStream stream; (stream = listener.accept()) != null; ) {
                TcpStream accepted = stream;
                loop.register(accepted, Interest.READABLE, each -> {
                    try {
                        text.append(read(accepted, 1));
                    } catch (IOException e) {
                        each.registration().close();
                    }
                });
            }
        });
        drive(loop, "the other is served", () -> text.toString().equals("x"));
    }

    // ---- accepting

    private Recorder acceptor(EventLoop loop, TcpListener listener, List<TcpStream> accepted) throws IOException {
        Recorder acceptor = new Recorder(event -> {
            for (TcpStream stream; (stream = listener.accept()) != null; ) {
                accepted.add(track(stream));
            }
        });
        loop.register(listener, Interest.READABLE, acceptor);
        return acceptor;
    }

    // Behaviour 25
    @ParameterizedTest
    @EnumSource
    void aListenerOutOfDescriptorsPausesAndTriesAgain(DispatchMode mode) throws IOException {
        expectErrors();
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(mode).transport(faulty));
        TcpListener listener = listen(faulty);
        List<TcpStream> accepted = Collections.synchronizedList(new ArrayList<>());
        Recorder acceptor = acceptor(loop, listener, accepted);
        peers().connect(listener.localAddress());
        int failures = 4;
        faulty.exhaustAccepts(failures);
        for (int i = 1; i <= failures; i++) {
            int expected = i;
            drive(loop, "it pauses", () -> loop.stats().acceptPauses() == expected);
            int events = acceptor.events();
            turns(loop, MANY_TURNS);
            assertThat(acceptor.events()).as("silent while it is paused").isEqualTo(events);
            assertThat(accepted).isEmpty();
            clock.advance(LONGEST_PAUSE);
        }
        drive(loop, "it accepts", () -> accepted.size() == 1);
        assertThat(errors).hasSize(failures).allMatch(error -> error.origin() == LoopError.Origin.ACCEPT);
        peers().connect(listener.localAddress());
        drive(loop, "it goes on", () -> accepted.size() == 2);
    }

    // Behaviour 25
    @Test
    void pausesOfAListenerGrow() throws IOException {
        expectErrors();
        FaultyTransport faulty = new FaultyTransport(transport());
        faulty.dontSleep();
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty).pollTimeout(HOUR));
        TcpListener listener = listen(faulty);
        acceptor(loop, listener, new ArrayList<>());
        peers().connect(listener.localAddress());
        faulty.exhaustAccepts(5);
        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            int expected = i;
            drive(loop, "it pauses", () -> loop.stats().acceptPauses() == expected);
            loop.runOnce();
            long deadline = faulty.pollDeadlines().get(faulty.pollDeadlines().size() - 1);
            pauses.add(deadline - clock.getAsLong());
            clock.set(deadline + MILLI.toNanos());
        }
        for (int i = 1; i < pauses.size(); i++) {
            assertThat(pauses.get(i)).isGreaterThan(pauses.get(i - 1));
        }
        assertThat(pauses.get(4)).isLessThanOrEqualTo(LONGEST_PAUSE.toNanos());
        clock.advance(LONGEST_PAUSE);
        turns(loop, MANY_TURNS);
    }

    // Behaviour 25
    @ParameterizedTest
    @EnumSource
    void aHandlerThatThrowsPausesItsListenerAndDoesNotCloseIt(DispatchMode mode) throws IOException {
        expectErrors();
        EventLoop loop = open(mode);
        TcpListener listener = listen(transport());
        AtomicInteger accepted = new AtomicInteger();
        AtomicBoolean threw = new AtomicBoolean();
        Recorder acceptor = new Recorder(event -> {
            if (threw.compareAndSet(false, true)) {
                throw new IllegalStateException("on purpose");
            }
            TcpStream stream = listener.accept();
            if (stream != null) {
                stream.close();
                accepted.incrementAndGet();
            }
        });
        loop.register(listener, Interest.READABLE, acceptor);
        peers().connect(listener.localAddress());
        drive(loop, "it pauses", () -> loop.stats().acceptPauses() == 1);
        turns(loop, MANY_TURNS);
        assertThat(acceptor.events()).isEqualTo(1);
        clock.advance(LONGEST_PAUSE);
        drive(loop, "it accepts", () -> accepted.get() == 1);
        assertThat(acceptor.closes()).isZero();
    }

    // Behaviour 25
    @Test
    void aPausedListenerCanBeClosed() throws IOException {
        expectErrors();
        FaultyTransport faulty = new FaultyTransport(transport());
        EventLoop loop = open(builder(DispatchMode.DIRECT).transport(faulty));
        TcpListener listener = listen(faulty);
        Recorder acceptor = acceptor(loop, listener, new ArrayList<>());
        peers().connect(listener.localAddress());
        faulty.exhaustAccepts(1);
        drive(loop, "it pauses", () -> loop.stats().acceptPauses() == 1);
        listener.close();
        drive(loop, "onClose is called", () -> acceptor.closes() == 1);
        clock.advance(LONGEST_PAUSE);
        turns(loop, 3);
        assertThat(acceptor.closes()).isEqualTo(1);
        assertThat(loop.stats().timers()).isZero();
    }

    // ---- ports

    /** A way in which a program closes a listener. */
    private interface Ending {
        void end(Registration registration, TcpListener listener) throws IOException;
    }

    private static final List<Ending> ENDINGS = List.of(
            (registration, listener) -> registration.close(),
            (registration, listener) -> listener.close(),
            (registration, listener) -> {
                registration.deregister();
                listener.close();
            });

    private void reopen(EventLoop loop, TcpListener listener, Ending ending) throws IOException {
        Registration registration = loop.register(listener, Interest.READABLE, new Recorder());
        if (loop.inLoop()) {
            ending.end(registration, listener);
            transport().openListener(listener.localAddress(), 1).close();
            return;
        }
        loop.runOnce(); // it is polled
        loop.execute(() -> {
            try {
                ending.end(registration, listener);
                transport().openListener(listener.localAddress(), 1).close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        loop.runOnce();
    }

    // Behaviours 24, 36
    @Test
    void thePortOfAListenerThatIsClosedInTheTurnIsFreeAtOnce() throws IOException {
        EventLoop loop = open();
        for (Ending ending : ENDINGS) {
            reopen(loop, listen(transport()), ending);
            assertThat(errors).isEmpty();
        }
        TcpListener neverPolled = listen(transport());
        loop.execute(() -> {
            try {
                reopen(loop, neverPolled, ENDINGS.get(0));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        loop.runOnce();
    }

    // Behaviours 24, 36
    @Test
    void thePortOfAListenerThatAnotherThreadClosesIsFreeAtOnce() throws IOException {
        EventLoop loop = asleep(DispatchMode.DIRECT);
        for (int i = 0; i < 50; i++) {
            for (Ending ending : ENDINGS) {
                TcpListener listener = listen(transport());
                Registration registration = loop.register(listener, Interest.READABLE, new Recorder());
                ending.end(registration, listener);
                transport().openListener(listener.localAddress(), 1).close();
            }
        }
    }

    // Behaviour 23
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aChannelOfThePlatformThatIsConnectedDuringATurnLeadsToTheNextEvents(int reading) throws IOException {
        assumeTrue(transport().capabilities().contains(Capability.RAW_CHANNELS));
        ConcurrentLinkedQueue<Runnable> handed = new ConcurrentLinkedQueue<>();
        EventLoop loop = open(builder(DispatchMode.DIRECT).executor(handed::add));
        SocketChannel channel = track(SocketChannel.open());
        channel.configureBlocking(false);
        AtomicBoolean connected =
                new AtomicBoolean(channel.connect(peers().listen().address()));
        finishesDuringATurn(loop, handed, Source.of(channel), connected, channel::finishConnect, reading);
    }
}
