package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.Registration;
import io.millio.Repeat;
import io.millio.Timer;
import io.millio.transport.Interest;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import io.millio.transport.Transport;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

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
}
