package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.Registration;
import io.millio.Repeat;
import io.millio.Timer;
import io.millio.testkit.ForwardingTransport;
import io.millio.transport.Capability;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.SocketSettings;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import io.millio.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Arguments that make no sense are refused where they are given, by name and value. */
public abstract class ArgumentConformance extends Conformance {
    private static final Duration NEGATIVE = Duration.ofNanos(-1);

    /** For subclasses. */
    protected ArgumentConformance() {}

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T none() {
        return null;
    }

    private static void refusesNull(String name, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessageContaining(name);
    }

    private static void refuses(String name, Object value, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(String.valueOf(value));
    }

    private static final Runnable TASK = () -> {};

    @Test
    void aLoopRefusesNulls() throws IOException {
        EventLoop loop = open();
        TcpStream stream = connected().stream();
        Recorder handler = new Recorder();
        refusesNull("source", () -> loop.register(none(), Token.of(1), Interest.NONE, handler));
        refusesNull("token", () -> loop.register(stream, none(), Interest.NONE, handler));
        refusesNull("interest", () -> loop.register(stream, Token.of(1), none(), handler));
        refusesNull("handler", () -> loop.register(stream, Token.of(1), Interest.NONE, none()));
        refusesNull("source", () -> loop.register(none(), Interest.NONE, handler));
        refusesNull("interest", () -> loop.register(stream, none(), handler));
        refusesNull("handler", () -> loop.register(stream, Interest.NONE, none()));
        refusesNull("token", () -> loop.registration(none()));
        refusesNull("token", () -> loop.deregister(none()));
        refusesNull("address", () -> loop.openListener(none()));
        refusesNull("address", () -> loop.openListener(none(), 1));
        refusesNull("remote", () -> loop.openStream(none()));
        refusesNull("task", () -> loop.execute(none()));
        refusesNull("delay", () -> loop.schedule(none(), TASK));
        refusesNull("task", () -> loop.schedule(MILLI, none()));
        refusesNull("initialDelay", () -> loop.scheduleRepeating(none(), MILLI, Repeat.FIXED_RATE, TASK));
        refusesNull("period", () -> loop.scheduleRepeating(MILLI, none(), Repeat.FIXED_RATE, TASK));
        refusesNull("repeat", () -> loop.scheduleRepeating(MILLI, MILLI, none(), TASK));
        refusesNull("task", () -> loop.scheduleRepeating(MILLI, MILLI, Repeat.FIXED_RATE, none()));
        refusesNull("task", () -> loop.scheduleNanos(1, none()));
        refusesNull("deadline", () -> loop.shutdown(none()));
        Registration registration = loop.register(stream, Interest.NONE, handler);
        refusesNull("interest", () -> registration.setInterest(none()));
        Timer timer = loop.schedule(HOUR, TASK);
        refusesNull("delay", () -> timer.restart(none()));
        loop.runOnce();
        assertThatCode(timer::cancel).doesNotThrowAnyException();
    }

    @Test
    void aLoopRefusesTimesThatAreNotThere() {
        EventLoop loop = open();
        refuses("delay", NEGATIVE, () -> loop.schedule(NEGATIVE, TASK));
        refuses("initialDelay", NEGATIVE, () -> loop.scheduleRepeating(NEGATIVE, MILLI, Repeat.FIXED_RATE, TASK));
        refuses("period", NEGATIVE, () -> loop.scheduleRepeating(MILLI, NEGATIVE, Repeat.FIXED_RATE, TASK));
        refuses("period", Duration.ZERO, () -> loop.scheduleRepeating(MILLI, Duration.ZERO, Repeat.FIXED_RATE, TASK));
        refuses("delayNanos", -1L, () -> loop.scheduleNanos(-1, TASK));
        refuses("deadline", NEGATIVE, () -> loop.shutdown(NEGATIVE));
        Timer timer = loop.schedule(HOUR, TASK);
        refuses("delay", NEGATIVE, () -> timer.restart(NEGATIVE));
        refuses("backlog", 0, () -> loop.openListener(peers().anyAddress(), 0));
    }

    @Test
    void aBuilderRefusesWhatMakesNoLoop() {
        EventLoopBuilder builder = EventLoop.builder();
        refuses("workers", 0, () -> builder.workers(0));
        refuses("workers", -1, () -> EventLoop.create(-1, 1, MILLI));
        refuses("eventCapacity", 0, () -> builder.eventCapacity(0));
        refuses("eventCapacity", 0, () -> EventLoop.create(1, 0, MILLI));
        refuses("maxTimersPerTurn", 0, () -> builder.maxTimersPerTurn(0));
        refuses("maxTasksPerTurn", -5, () -> builder.maxTasksPerTurn(-5));
        refuses("pollTimeout", NEGATIVE, () -> builder.pollTimeout(NEGATIVE));
        refuses("pollTimeout", NEGATIVE, () -> EventLoop.create(1, 1, NEGATIVE));
        refusesNull("pollTimeout", () -> builder.pollTimeout(none()));
        refusesNull("executor", () -> builder.executor(none()));
        refusesNull("transport", () -> builder.transport(none()));
        refusesNull("nanoClock", () -> builder.nanoClock(none()));
        refusesNull("threadFactory", () -> builder.threadFactory(none()));
        refusesNull("errorHandler", () -> builder.errorHandler(none()));
        refusesNull("name", () -> builder.name(none()));
    }

    @Test
    void aTransportRefusesWhatItCannotOpen() {
        Transport transport = transport();
        refuses("eventCapacity", 0, () -> transport.openPoller(0, clock));
        refusesNull("nanoClock", () -> transport.openPoller(1, none()));
        refusesNull("address", () -> transport.openListener(none(), 1));
        refusesNull("remote", () -> transport.openStream(none()));
        refusesNull("name", () -> Transport.named(none()));
        refusesNull("channel", () -> Source.of(none()));
        refusesNull("other", () -> Interest.NONE.with(none()));
        refusesNull("other", () -> Interest.NONE.without(none()));
        assertThatThrownBy(() -> Transport.named("no such transport"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no such transport");
    }

    @Test
    void aChannelInBlockingModeIsRefused() throws IOException {
        Pipe pipe = Pipe.open();
        track(pipe.sink());
        track(pipe.source());
        refuses("channel", "blocking", () -> Source.of(pipe.source()));
    }

    @Test
    void aLoopWhosePollerTheSystemRefusesSaysWhy() {
        IOException refusal = new IOException("Too many open files (not really)");
        Transport refusing = new ForwardingTransport(transport()) {
            @Override
            public Poller openPoller(int eventCapacity, LongSupplier nanoClock) throws IOException {
                throw refusal;
            }
        };
        EventLoopBuilder builder = EventLoop.builder().transport(refusing);
        assertThatThrownBy(builder::build)
                .isInstanceOf(UncheckedIOException.class)
                .hasCause(refusal)
                .hasMessageContainingAll(transport().name(), "can't open a poller", refusal.getMessage());
        assertThatThrownBy(() -> builder.buildGroup(2)).hasMessageContaining(refusal.getMessage());
    }

    @Test
    void aVirtualThreadDrivesALoopOnlyWhereItsWaitsHoldUpNoOther() throws Throwable {
        Method start = virtualThreads();
        EventLoop loop = open(DispatchMode.DIRECT);
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread thread = (Thread) start.invoke(null, (Runnable) () -> {
            try {
                loop.runOnce();
            } catch (Throwable t) {
                thrown.set(t);
            }
        });
        join(Objects.requireNonNull(thread));
        if (transport().capabilities().contains(Capability.VIRTUAL_THREADS)) {
            assertThat(thrown.get()).isNull();
        } else {
            assertThat(thrown.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("virtual thread", transport().name(), "nio");
        }
        loop.runOnce(); // it is as it was
    }

    private static Method virtualThreads() {
        try {
            return Thread.class.getMethod("startVirtualThread", Runnable.class);
        } catch (NoSuchMethodException e) {
            throw new TestAbortedException("this Java has no virtual threads", e);
        }
    }

    @Test
    void aLinkLocalAddressWithoutAScopeIsRefused() throws IOException {
        byte[] linkLocal = new byte[16];
        linkLocal[0] = (byte) 0xfe;
        linkLocal[1] = (byte) 0x80;
        linkLocal[15] = 1;
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(linkLocal), 7);
        List<ThrowingCallable> calls = List.of(
                () -> transport().openStream(address),
                () -> transport().openListener(address, 1),
                () -> transport().openUdp(address, SocketSettings.NONE));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("fe80:0:0:0:0:0:0:1", "scope");
        }
    }
}
