package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millio.EventLoop;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.frame.FrameHandler;
import io.millio.net.pool.ConnectionLease;
import io.millio.net.pool.ConnectionPool;
import io.millio.transport.Transport;
import io.millio.transport.TransportStatus;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Objects;
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
 * Rule of the house: no allocation per message in the steady state. What a message allocates shows in every round; what
 * is loaded or compiled at its first use, early or late, shows in some. So the least of some rounds is what counts. All
 * the same with times measured and a flight recording running.
 */
@ParameterizedClass(name = "observed: {0}")
@ValueSource(booleans = {false, true})
class AllocationTest {
    private static final int MESSAGES = 20_000;
    private static final int ROUNDS = 10;
    private static final int BURST = 50;

    /** Two to receive 50 datagrams, two to send them, and epoll_wait(2). */
    private static final int CALLS_PER_BURST = 5;

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
    private ConnectionOptions options = ConnectionOptions.DEFAULT.withIdleTimeout(Duration.ofHours(10));
    private int handled;
    private long nanos;
    private @Nullable Connection served;

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

    private interface Round {
        void run() throws IOException;
    }

    /** The least bytes that a message of a round allocated in the calling thread. */
    private long bytesAMessage(Round round) throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS && least > 0; i++) {
            long before = allocatedBytes();
            round.run();
            least = Math.min(least, (allocatedBytes() - before) / MESSAGES);
        }
        return least;
    }

    private long bytesAMessage(ConnectionHandler handler, ByteBuffer message) throws IOException {
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transport.named("nio"))
                        .direct()
                        .measureTimes(observed)
                        .nanoClock(() -> nanos += 100_000) // so that a wait is over after some turns
                        .pollTimeout(Duration.ZERO)
                        .build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .options(options)
                        .handler(handler)
                        .start();
                SocketChannel client = SocketChannel.open(server.localAddress())) {
            return bytesAMessage(() -> exchange(loop, client, message));
        }
    }

    private void exchange(EventLoop loop, SocketChannel client, ByteBuffer message) throws IOException {
        ByteBuffer answer = ByteBuffer.allocateDirect(message.capacity());
        for (int i = 0; i < MESSAGES; i++) {
            client.write(message.clear());
            int before = handled;
            while (handled == before) {
                loop.runOnce();
            }
            answer.clear();
            client.read(answer);
        }
    }

    @Test
    void anEchoedMessageAllocatesNothing() throws IOException {
        assertThat(bytesAMessage(
                        (connection, bytes) -> {
                            connection.write(bytes);
                            handled++;
                        },
                        ByteBuffer.allocateDirect(64)))
                .isZero();
    }

    /**
     * Those of a burst, received and sent back together where the transport can. For each system call the platform
     * copies the segment that errno is left in, 40 bytes (SharedUtils.checkCaptureSegment of the JDK); its compiler
     * removes that copy in most processes, but not in all, however long they run.
     */
    @Test
    void anEchoedDatagramAllocatesNothing() throws IOException {
        for (TransportStatus each : Transport.available()) {
            if (each.usable()) {
                int copies = each.name().equals("epoll") ? 40 * CALLS_PER_BURST / BURST : 0;
                assertThat(bytesADatagram(Transport.named(each.name())))
                        .as(each.name())
                        .isLessThanOrEqualTo(copies);
            }
        }
    }

    private long bytesADatagram(Transport transport) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (EventLoop loop = EventLoop.builder()
                        .transport(transport)
                        .direct()
                        .measureTimes(observed)
                        .pollTimeout(Duration.ZERO)
                        .build();
                UdpEndpoint echo = UdpEndpoint.open(loop, any, (endpoint, bytes, from) -> {
                    endpoint.send(bytes, from);
                    handled++;
                });
                DatagramChannel client = DatagramChannel.open().bind(any)) {
            client.connect(echo.localAddress());
            ByteBuffer datagram = ByteBuffer.allocateDirect(64);
            return bytesAMessage(() -> {
                for (int i = 0; i < MESSAGES; i += BURST) {
                    int before = handled;
                    for (int j = 0; j < BURST; j++) {
                        client.write(datagram.clear());
                    }
                    while (handled < before + BURST) {
                        loop.runOnce();
                    }
                    for (int j = 0; j < BURST; j++) {
                        client.read(datagram.clear());
                    }
                }
            });
        }
    }

    @Test
    void aFrameAllocatesNothing() throws IOException {
        ByteBuffer message = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < 8; i++) {
            message.put(i * 8 + 7, (byte) '\n');
        }
        FrameDecoder lines = FrameDecoder.lines(100);
        FrameHandler frames = Connection::write;
        ByteBuffer fill = ByteBuffer.allocateDirect(8);
        assertThat(bytesAMessage(
                        (connection, bytes) -> {
                            lines.decode(connection, bytes, frames);
                            connection.write(fill.clear());
                            handled++;
                        },
                        message))
                .isZero();
    }

    @Test
    void aMessageBelowTheLimitsAllocatesNothing() throws IOException {
        options = options.withReadRate(1_000_000_000, 10_000_000).withWriteRate(1_000_000_000, 10_000_000);
        assertThat(bytesAMessage(
                        (connection, bytes) -> {
                            connection.write(bytes);
                            handled++;
                        },
                        ByteBuffer.allocateDirect(64)))
                .isZero();
    }

    @Test
    void toWaitForALimitAllocatesNothing() throws IOException {
        options = options.withReadRate(6_400, 64); // a message each hundredth of a second
        assertThat(bytesAMessage(
                        (connection, bytes) -> {
                            connection.write(bytes);
                            served = connection;
                            handled++;
                        },
                        ByteBuffer.allocateDirect(64)))
                .isZero();
        assertThat(Objects.requireNonNull(served).readLimitStats().waits()).isGreaterThan(MESSAGES / 2);
    }

    @Test
    void aConnectionThatIsAcquiredAndReleasedAllocatesNothing() throws IOException {
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transport.named("nio"))
                        .direct()
                        .measureTimes(observed)
                        .build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .handler((connection, bytes) -> {})
                        .start();
                TcpClient client = TcpClient.builder().loop(loop).build()) {
            ConnectionPool pool = ConnectionPool.builder(client)
                    .maxLifetime(Duration.ofHours(1))
                    .build();
            ConnectionLease lease = new ConnectionLease((connection, bytes) -> {}) {
                @Override
                protected void onAcquired(Connection connection) {
                    release();
                }

                @Override
                protected void onFailed(Throwable cause) {
                    throw new AssertionError(cause);
                }
            };
            long[] allocated = {-1};
            loop.execute(() -> pool.acquire(server.localAddress(), lease));
            for (handled = 0; handled == 0; ) {
                loop.runOnce();
                loop.execute(() -> handled = pool.stats().idle());
            }
            loop.execute(() -> {
                try {
                    allocated[0] = bytesAMessage(() -> useOften(pool, server, lease));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            while (allocated[0] < 0) {
                loop.runOnce();
            }
            assertThat(allocated[0]).isZero();
        }
    }

    private static void useOften(ConnectionPool pool, TcpServer server, ConnectionLease lease) {
        SocketAddress endpoint = server.localAddress();
        for (int i = 0; i < MESSAGES; i++) {
            if (!pool.acquire(endpoint, lease)) {
                throw new AssertionError("waits, though one is idle");
            }
            lease.release();
        }
    }
}
