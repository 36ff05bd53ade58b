package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.limit.RateLimiter;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Connections on which one side sends as much as it can, and what arrives when on the other, in simulated time. */
final class ShapedTraffic implements AutoCloseable {
    private static final Duration WINDOW = Duration.ofMillis(200);

    final SimNetwork network = SimNetwork.seeded(1);
    final SimHost serverHost = network.host("server");
    final SimHost clientHost = network.host("client");
    final EventLoop serverLoop = serverHost.loop(EventLoopBuilder::direct);
    final TcpServerBuilder server =
            TcpServer.builder().address(serverHost.address(80)).loop(serverLoop);
    final TcpClientBuilder client = TcpClient.builder().loop(clientHost.loop(EventLoopBuilder::direct));
    final List<Arrivals> arrivals = new ArrayList<>();
    final List<Connection> senders = new ArrayList<>();

    @Nullable
    TcpServer started;

    @Nullable
    TcpClient made;

    /** A limit on the simulation's clock. */
    RateLimiter limiter(long bytesPerSecond, long burst) {
        return RateLimiter.builder()
                .rate(bytesPerSecond, Duration.ofSeconds(1))
                .burst(burst)
                .nanoClock(serverHost.nanoClock())
                .build();
    }

    /** Opens connections on which the server, or the client, sends. */
    void start(int connections, boolean serverSends) throws IOException {
        TcpServer listening = server.handlers(connection -> serverSends ? new Flood() : newArrivals())
                .start();
        started = listening;
        TcpClient connecting = client.build();
        made = connecting;
        for (int i = 0; i < connections; i++) {
            CompletableFuture<Connection> connected =
                    connecting.connect(listening.localAddress(), serverSends ? newArrivals() : new Flood());
            network.runUntil("connected", connected::isDone);
        }
        network.runUntil("accepted", () -> senders.size() == connections);
    }

    /** Connections more, of a client on a loop of its own, that send. */
    void startMore(int connections, Function<EventLoop, TcpClientBuilder> settings) {
        TcpServer listening = Objects.requireNonNull(started);
        TcpClient another =
                settings.apply(clientHost.loop(EventLoopBuilder::direct)).build();
        int wanted = senders.size() + connections;
        for (int i = 0; i < connections; i++) {
            CompletableFuture<Connection> unused = another.connect(listening.localAddress(), new Flood());
        }
        network.runUntil("connected", () -> senders.size() == wanted && arrivals.size() == wanted);
    }

    private Arrivals newArrivals() {
        Arrivals next = new Arrivals();
        arrivals.add(next);
        return next;
    }

    void run(Duration time) {
        network.runFor(time);
    }

    long now() {
        return network.now().toNanos();
    }

    /** All that has arrived on any of the connections since a time. */
    long arrivedSince(long sinceNanos) {
        return arrivals.stream()
                .mapToLong(each -> each.between(sinceNanos, Long.MAX_VALUE))
                .sum();
    }

    /** In each window of this time it is the rate, within a tenth; in all of it, within a hundredth. */
    static void assertSteady(List<Arrivals> together, long rate, long fromNanos, long toNanos) {
        long whole = 0;
        for (Arrivals each : together) {
            whole += each.between(fromNanos, toNanos);
        }
        double expected = rate * ((toNanos - fromNanos) / 1e9);
        assertThat((double) whole).as("in all").isBetween(expected * 0.99, expected * 1.01);
        double inWindow = rate * (WINDOW.toNanos() / 1e9);
        for (long at = fromNanos; at + WINDOW.toNanos() <= toNanos; at += 1_700_000) {
            double got = 0;
            for (Arrivals each : together) {
                got += each.between(at, at + WINDOW.toNanos());
            }
            assertThat(got).as("from " + Duration.ofNanos(at) + " on").isBetween(inWindow * 0.9, inWindow * 1.1);
        }
    }

    @Override
    public void close() {
        assertThat(network.errors()).isEmpty();
        network.close();
    }

    /** Sends as much as the connection takes. */
    final class Flood implements ConnectionHandler {
        private final ByteBuffer piece = ByteBuffer.allocate(10_000);

        @Override
        public void onOpen(Connection connection) {
            senders.add(connection);
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) {
            while (connection.write(piece.clear()) == WriteResult.CONTINUE) {}
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {}
    }

    /** What arrived when. */
    final class Arrivals implements ConnectionHandler {
        private long[] nanos = new long[1024];
        private long[] total = new long[1024]; // up to and with this one
        private int count;

        @Nullable
        Connection connection;

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
        }

        @Override
        public void onData(Connection from, ByteBuffer bytes) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
                total = Arrays.copyOf(total, 2 * count);
            }
            nanos[count] = now();
            total[count] = (count == 0 ? 0 : total[count - 1]) + bytes.remaining();
            count++;
            bytes.position(bytes.limit());
        }

        /** From a time on, up to before another. */
        long between(long from, long to) {
            return before(to) - before(from);
        }

        private long before(long when) {
            int least = 0;
            int most = count;
            while (least < most) {
                int middle = (least + most) >>> 1;
                if (nanos[middle] < when) {
                    least = middle + 1;
                } else {
                    most = middle;
                }
            }
            return least == 0 ? 0 : total[least - 1];
        }
    }
}
