package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millio.EventLoop;
import io.millio.Registration;
import io.millio.transport.Capability;
import io.millio.transport.Interest;
import io.millio.transport.Source;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Data, end of input and end of the connection are reported, and none of them makes the loop spin. */
public abstract class StreamConformance extends Conformance {
    /** For subclasses. */
    protected StreamConformance() {}

    /**
     * Asserts that further iterations deliver no events; a worker may still be running a handler for an earlier one.
     */
    private static void assertSilent(EventLoop loop) {
        long before = loop.stats().events();
        turns(loop, MANY_TURNS);
        assertThat(loop.stats().events())
                .as("events of a source that is not ready")
                .isEqualTo(before);
    }

    // ---- the end of input

    // Behaviour 29
    @ParameterizedTest
    @EnumSource
    void theEndOfInputIsReportedOnceAndDoesNotClose(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        AtomicInteger ends = new AtomicInteger();
        ByteBuffer buffer = ByteBuffer.allocate(10);
        Recorder recorder = new Recorder(event -> {
            if (connected.stream().read(buffer.clear()) < 0) {
                ends.incrementAndGet();
            }
        });
        Registration registration = loop.register(connected.stream(), Interest.READABLE, recorder);
        send(connected.peer(), "x");
        connected.peer().shutdownOutput();
        drive(loop, "the end is read", () -> ends.get() > 0 && !recorder.isInside());
        assertSilent(loop);
        registration.setInterest(Interest.READABLE);
        assertSilent(loop);
        assertThat(ends).hasValue(1);
        assertThat(recorder.closes()).isZero();
        assertThat(connected.stream().write(ByteBuffer.wrap(new byte[] {'y'}))).isEqualTo(1);
        Await.until("the peer reads on", () -> read(connected.peer(), 1).equals("y"));
    }

    // Behaviour 29
    @ParameterizedTest
    @EnumSource
    void writableIsStillReportedAfterTheEndOfInput(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        AtomicInteger ends = new AtomicInteger();
        AtomicInteger writable = new AtomicInteger();
        ByteBuffer buffer = ByteBuffer.allocate(10);
        Recorder recorder = new Recorder(event -> {
            if (event.isReadable() && connected.stream().read(buffer.clear()) < 0) {
                ends.incrementAndGet();
            }
            if (event.isWritable() && ends.get() > 0) {
                writable.incrementAndGet();
            }
        });
        loop.register(connected.stream(), Interest.READABLE_WRITABLE, recorder);
        connected.peer().shutdownOutput();
        drive(loop, "there is room after the end", () -> writable.get() > 5);
        assertThat(ends).hasValue(1);
    }

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void anUnreadEndOfInputCostsNothingWhileReadingIsPaused(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder();
        Registration registration = loop.register(connected.stream(), Interest.NONE, recorder);
        send(connected.peer(), "x");
        connected.peer().shutdownOutput();
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).as("reported once at most").isLessThanOrEqualTo(1);
        assertSilent(loop);
        registration.setInterest(Interest.READABLE);
        drive(loop, "it is reported as soon as interest is set", () -> recorder.events() > 1);
    }

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void whatWasSentBeforeTheEndIsNotLost(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Text text = new Text();
        AtomicInteger ends = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            ByteBuffer buffer = ByteBuffer.allocate(7);
            if (connected.stream().read(buffer) < 0) {
                ends.incrementAndGet();
                event.registration().close();
            }
            text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
        });
        Registration registration = loop.register(connected.stream(), Interest.NONE, recorder);
        String sent = "0123456789".repeat(500);
        send(connected.peer(), sent);
        connected.peer().close();
        turns(loop, 3);
        registration.setInterest(Interest.READABLE);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThat(text.toString()).isEqualTo(sent);
        assertThat(ends).hasValue(1);
    }

    // ---- resets

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void aResetIsOneErrorAndThenSilence(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        AtomicInteger failures = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            try {
                connected.stream().read(ByteBuffer.allocate(10));
            } catch (IOException e) {
                failures.incrementAndGet();
            }
        });
        Registration registration = loop.register(connected.stream(), Interest.READABLE_WRITABLE, recorder);
        connected.peer().reset();
        drive(loop, "the reset is reported", () -> failures.get() == 1 && !recorder.isInside());
        assertSilent(loop);
        assertThat(failures).hasValue(1);
        assertThat(registration.isActive())
                .as("the handler decides what becomes of it")
                .isTrue();
        registration.close();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
    }

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void aResetThatTheHandlerThrowsEndsTheRegistrationWithIt(DispatchMode mode) throws IOException {
        expectErrors();
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> connected.stream().read(ByteBuffer.allocate(10)));
        loop.register(connected.stream(), Interest.READABLE, recorder);
        connected.peer().reset();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        turns(loop, MANY_TURNS);
        assertThat(recorder.closes()).isEqualTo(1);
        assertThat(recorder.cause()).isInstanceOf(IOException.class).isNotInstanceOf(ClosedChannelException.class);
        assertThat(errors).hasSize(1);
        assertThat(connected.stream().isOpen()).isFalse();
    }

    @Test
    void aResetBehindMoreBytesThanOneReadTakesIsNoEndOfInput() throws IOException {
        for (int size : new int[] {65_535, 65_536, 65_537, 131_072}) {
            for (boolean direct : new boolean[] {false, true}) {
                Connected connected = connected();
                int sent = 0;
                ByteBuffer bytes = ByteBuffer.allocate(size);
                for (int put; bytes.hasRemaining() && (put = connected.peer().write(bytes)) > 0; ) {
                    sent += put;
                }
                connected.peer().reset();
                ByteBuffer into = direct ? ByteBuffer.allocateDirect(200_000) : ByteBuffer.allocate(200_000);
                Throwable failure = catchThrowable(() -> {
                    while (connected.stream().read(into) >= 0) {
                        assertThat(into.hasRemaining()).isTrue();
                    }
                });
                assertThat(failure)
                        .as("after %s of %s bytes", into.position(), sent)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void aResetBehindUnreadBytesIsReportedWhenTheyHaveBeenRead(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        for (int unread : new int[] {1, 100, 30_000}) {
            for (int atMost : new int[] {1 + unread / 1_000, 7 + unread / 100, unread - 1, unread, unread + 1}) {
                if (atMost > 0) {
                    resetBehind(loop, unread, atMost, true);
                    resetBehind(loop, unread, atMost, false);
                }
            }
        }
    }

    private void resetBehind(EventLoop loop, int unread, int atMost, boolean registeredBefore) throws IOException {
        Connected connected = connected();
        Text text = new Text();
        AtomicInteger failures = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            ByteBuffer buffer = ByteBuffer.allocate(atMost);
            try {
                connected.stream().read(buffer);
                text.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                failures.incrementAndGet();
                event.registration().close();
            }
        });
        String sent = "0123456789".repeat(unread / 10 + 1).substring(0, unread);
        if (registeredBefore) {
            loop.register(connected.stream(), Interest.READABLE, recorder);
        }
        send(connected.peer(), sent);
        connected.peer().reset();
        if (!registeredBefore) {
            loop.register(connected.stream(), Interest.READABLE, recorder);
        }
        drive(loop, unread + " bytes are read, " + atMost + " at a time, and the reset", () -> recorder.closes() == 1);
        assertThat(text.toString()).isEqualTo(sent);
        assertThat(failures).hasValue(1);
    }

    // Behaviour 30
    @ParameterizedTest
    @EnumSource
    void aHangUpWithoutInterestIsReportedOnceAtMost(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder();
        loop.register(connected.stream(), Interest.NONE, recorder);
        connected.peer().reset();
        if (transport().capabilities().contains(Capability.HANG_UP)) {
            drive(loop, "the reset is reported", () -> recorder.events() == 1 && !recorder.isInside());
        }
        turns(loop, MANY_TURNS);
        assertThat(recorder.events()).isLessThanOrEqualTo(1);
        assertSilent(loop);
    }

    // Behaviour 30
    @Test
    void aWriteToAConnectionThatIsGoneFailsAndThenNothingIsCalled() throws IOException {
        EventLoop loop = open();
        Connected connected = connected();
        AtomicInteger failures = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            try {
                connected.stream().write(ByteBuffer.allocate(100));
            } catch (IOException e) {
                failures.incrementAndGet();
            }
        });
        connected.peer().reset();
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "it fails", () -> failures.get() == 1);
        assertSilent(loop);
    }

    // ---- writing

    // Behaviour 28
    @Test
    void outputCanBeShutDownOnceAndNothingIsWrittenAfterwards() throws IOException {
        Connected connected = connected();
        TcpStream stream = connected.stream();
        assertThat(stream.write(ByteBuffer.wrap(new byte[] {'a', 'b'}))).isEqualTo(2);
        stream.shutdownOutput();
        assertThatThrownBy(stream::shutdownOutput).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> stream.write(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
        StringBuilder text = new StringBuilder();
        Await.until(
                "all has arrived", () -> text.append(read(connected.peer(), 10)).length() == 2);
        ByteBuffer one = ByteBuffer.allocate(1);
        Await.until("the end has arrived", () -> {
            try {
                return connected.peer().read(one.clear()) < 0;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        send(connected.peer(), "y");
        Await.until("reading goes on", () -> {
            try {
                return stream.read(one.clear()) == 1;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    // Behaviour 26
    @Test
    void buffersAreWrittenInOrder() throws IOException {
        Connected connected = connected();
        ByteBuffer[] buffers = {
            ByteBuffer.wrap(new byte[] {'a'}), ByteBuffer.wrap(new byte[] {'b', 'c'}), ByteBuffer.wrap(new byte[] {'d'})
        };
        assertThat(connected.stream().write(buffers, 1, 2)).isEqualTo(3);
        assertThat(buffers[0].remaining()).isEqualTo(1);
        StringBuilder text = new StringBuilder();
        Await.until(
                "all has arrived", () -> text.append(read(connected.peer(), 10)).length() == 3);
        assertThat(text.toString()).isEqualTo("bcd");
    }

    // Behaviour 27
    @ParameterizedTest
    @EnumSource
    void writableIsReportedWhenAPeerThatDidNotReadDoesSo(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        ByteBuffer much = ByteBuffer.allocate(1 << 16);
        long[] written = new long[1];
        while (connected.stream().write(much.clear()) > 0) {
            written[0]++;
        }
        Recorder recorder = new Recorder(event -> event.registration().setInterest(Interest.NONE));
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        assertSilent(loop);
        assertThat(recorder.events()).as("no room, no event").isZero();
        ByteBuffer sink = ByteBuffer.allocate(1 << 16);
        Await.until("there is room", () -> recorder.events() == 1 && !recorder.isInside(), () -> {
            try {
                connected.peer().read(sink.clear());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            loop.runOnce();
        });
        assertSilent(loop);
    }

    @ParameterizedTest
    @EnumSource
    void aCallOnAClosedStreamSaysThatThisSideHasClosed(DispatchMode mode) throws IOException {
        EventLoop loop = open(mode);
        Connected connected = connected();
        Recorder recorder = new Recorder(event -> {
            event.source().close();
            connected.stream().read(ByteBuffer.allocate(1));
        });
        loop.register(connected.stream(), Interest.WRITABLE, recorder);
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThatThrownBy(() -> connected.stream().read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> connected.stream().write(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(recorder.cause()).as("cause of a close by the user").isNull();
        assertThat(loop.stats().errors()).isZero();
    }

    // ---- channels of java.nio

    // Behaviour 13
    @ParameterizedTest
    @EnumSource
    void aChannelOfThePlatformIsServedWhereTheTransportAdmitsIt(DispatchMode mode) throws IOException {
        assumeTrue(transport().capabilities().contains(Capability.RAW_CHANNELS));
        EventLoop loop = open(mode);
        Pipe pipe = Pipe.open();
        track(pipe.sink());
        track(pipe.source()).configureBlocking(false);
        AtomicInteger got = new AtomicInteger();
        Recorder recorder = new Recorder(event -> {
            int read = pipe.source().read(ByteBuffer.allocate(3));
            if (read < 0) {
                event.registration().close();
            } else {
                got.addAndGet(read);
            }
        });
        loop.register(Source.of(pipe.source()), Interest.READABLE, recorder);
        pipe.sink().write(ByteBuffer.allocate(10));
        drive(loop, "all is read", () -> got.get() == 10);
        pipe.sink().close();
        drive(loop, "onClose is called", () -> recorder.closes() == 1);
        assertThat(pipe.source().isOpen()).isFalse();
    }

    // Behaviour 10
    @Test
    void aChannelOfThePlatformRegisteredTwiceIsAnError() throws IOException {
        assumeTrue(transport().capabilities().contains(Capability.RAW_CHANNELS));
        EventLoop loop = open();
        Pipe pipe = Pipe.open();
        track(pipe.sink());
        track(pipe.source()).configureBlocking(false);
        Recorder first = new Recorder();
        loop.register(Source.of(pipe.source()), Interest.READABLE, first);
        assertThatThrownBy(() -> loop.register(Source.of(pipe.source()), Interest.READABLE, new Recorder()))
                .isInstanceOf(IllegalStateException.class);
        pipe.sink().write(ByteBuffer.allocate(1));
        drive(loop, "the first is served", () -> first.events() > 0);
        assertThat(loop.stats().registrations()).isEqualTo(1);
    }
}
