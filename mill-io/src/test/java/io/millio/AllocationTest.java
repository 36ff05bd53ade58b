package io.millio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millio.transport.Interest;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.Token;
import io.millio.transport.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rule of the house: no allocation per event, read, write or wheel operation in the steady state. What an event
 * allocates shows in every round; what is loaded or compiled at its first use, early or late, shows in some. So the
 * least of some rounds is what counts. All the same with times measured and a flight recording running.
 */
@ParameterizedClass(name = "observed: {0}")
@ValueSource(booleans = {false, true})
class AllocationTest {
    private static final int MESSAGES = 20_000;
    private static final int ROUNDS = 10;

    /** Apart, as some runtime images do not have it. */
    private static final class FlightRecorder {
        private FlightRecorder() {}

        /** Begins a recording as services make them. */
        static Closeable start() throws IOException, ParseException {
            Recording recording = new Recording(Configuration.create(Path.of("..", "docs", "guide", "mill-io.jfc")));
            recording.start();
            return recording;
        }
    }

    @Parameter
    boolean observed;

    private @Nullable Closeable recording;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private int echoed;
    private int fired;
    private long nanos;

    @BeforeEach
    void record() throws Exception {
        if (observed) {
            Assumptions.assumeTrue(
                    ModuleLayer.boot().findModule("jdk.jfr").isPresent(), "this Java has no flight recorder");
            recording = FlightRecorder.start();
        }
    }

    @AfterEach
    void stopRecording() throws IOException {
        if (recording != null) {
            recording.close();
        }
    }

    private long allocatedBytes() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void anEchoedMessageAllocatesNothingWithDirectDispatch() throws IOException {
        try (EventLoop loop = EventLoop.builder()
                .transport(Transport.named("nio"))
                .direct()
                .measureTimes(observed)
                .build()) {
            TcpListener listener = loop.openListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            loop.register(listener, Token.of(1), Interest.READABLE, event -> {
                for (TcpStream peer; (peer = listener.accept()) != null; ) {
                    loop.register(peer, Interest.READABLE, new Echo(peer));
                }
            });
            try (SocketChannel client = SocketChannel.open(listener.localAddress())) {
                ByteBuffer message = ByteBuffer.allocateDirect(64);
                long perMessage = Long.MAX_VALUE;
                for (int round = 0; round < ROUNDS && perMessage > 0; round++) {
                    long before = allocatedBytes();
                    echo(loop, client, message, MESSAGES);
                    perMessage = Math.min(perMessage, (allocatedBytes() - before) / MESSAGES);
                }
                assertThat(perMessage).as("bytes a message").isZero();
            }
        }
    }

    private void echo(EventLoop loop, SocketChannel client, ByteBuffer message, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            message.clear();
            client.write(message);
            int echoedBefore = echoed;
            while (echoed == echoedBefore) {
                loop.runOnce();
            }
            message.clear();
            client.read(message);
        }
    }

    @Test
    void changingInterestAndTouchingTimersAllocatesNothing() throws IOException {
        try (EventLoop loop = EventLoop.builder()
                .transport(Transport.named("nio"))
                .direct()
                .measureTimes(observed)
                .nanoClock(() -> nanos += 1_000_000)
                .build()) {
            TcpListener listener = loop.openListener(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Registration registration = loop.register(listener, Interest.NONE, event -> {});
            Timer idle = loop.scheduleNanos(3_600_000_000_000L, () -> {});
            Timer repeating = loop.scheduleRepeating(Duration.ZERO, Duration.ofNanos(1), Repeat.FIXED_RATE, () -> {
                registration.setInterest(registration.interest() == Interest.NONE ? Interest.READABLE : Interest.NONE);
                idle.restartNanos(3_600_000_000_000L);
                fired++;
            });
            long perTurn = Long.MAX_VALUE;
            for (int round = 1; round <= ROUNDS && perTurn > 0; round++) {
                long before = allocatedBytes();
                turnUntilFired(loop, round * MESSAGES);
                perTurn = Math.min(perTurn, (allocatedBytes() - before) / MESSAGES);
            }
            assertThat(perTurn).as("bytes a turn with a timer and a change").isZero();
            assertThat(repeating.cancel()).isTrue();
        }
    }

    private void turnUntilFired(EventLoop loop, int times) {
        while (fired < times) {
            loop.runOnce();
        }
    }

    private final class Echo implements EventHandler {
        private final TcpStream peer;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1024);

        Echo(TcpStream peer) {
            this.peer = peer;
        }

        @Override
        public void handle(Event event) throws IOException {
            buffer.clear();
            if (peer.read(buffer) < 0) {
                event.registration().close();
                return;
            }
            buffer.flip();
            peer.write(buffer);
            echoed++;
        }
    }
}
