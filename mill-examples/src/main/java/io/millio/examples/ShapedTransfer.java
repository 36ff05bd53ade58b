package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.limit.RateLimiter;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.LimitStats;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server with limits of bytes a second, and clients that send, or are sent, as much as it lets them, over loopback. */
@Command(
        name = "shaped-transfer",
        description = "Limits how fast a server reads and writes, and prints how fast it does.",
        sortOptions = false)
final class ShapedTransfer implements Callable<Integer> {
    /** What the limit lets through at once when it is new is not measured. */
    private static final Duration BURST_OVER = Duration.ofMillis(500);

    private static final int BURSTS_PER_SECOND = 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rate",
            split = ",",
            defaultValue = "1000000,10000000,100000000",
            description = "Bytes a second, one or more, each way (default ${DEFAULT-VALUE}).")
    private List<Long> rates = List.of();

    @Option(names = "--connections", defaultValue = "1", description = "Connections (default ${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--seconds", defaultValue = "10", description = "How long for each (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private NetOptions options;

    @Override
    public Integer call() throws IOException {
        for (long rate : rates) {
            options.atLeast(1, rate, "--rate");
        }
        options.atLeast(1, connections, "--connections");
        options.atLeast(1, seconds, "--seconds");
        for (long rate : rates) {
            transfer(rate, true);
            transfer(rate, false);
        }
        return 0;
    }

    private void transfer(long rate, boolean reading) throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            RateLimiter limiter = RateLimiter.builder()
                    .rate(rate, Duration.ofSeconds(1))
                    .burst(Math.max(1, rate / BURSTS_PER_SECOND))
                    .build();
            Counter counter = new Counter();
            TcpServerBuilder settings = TcpServer.builder()
                    .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .loops(loops);
            TcpServer server = (reading
                            ? settings.handler(counter).readLimit(limiter)
                            : settings.handlers(Flood::new).writeLimit(limiter))
                    .start();
            loops.start();
            try (TcpClient client = TcpClient.create()) {
                List<CompletableFuture<Connection>> made = new ArrayList<>();
                for (int i = 0; i < connections; i++) {
                    made.add(client.connect(server.localAddress(), reading ? new Flood() : counter));
                }
                made.forEach(CompletableFuture::join);
                double measured = counter.perSecond(loops.loops().get(0), Duration.ofSeconds(seconds));
                report(
                        (reading ? "reading" : "writing"),
                        rate,
                        measured,
                        reading ? server.readLimitStats() : server.writeLimitStats());
            }
        }
    }

    private void report(String way, long rate, double measured, LimitStats stats) {
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s at %,d bytes a second: %,.0f (%+.2f %%), waited %,d times, %.1f s in all%n",
                        way,
                        rate,
                        measured,
                        (measured / rate - 1) * 100,
                        stats.waits(),
                        stats.waitNanos() / 1e9);
        spec.commandLine().getOut().flush();
    }

    /** Sends as much as the connection takes. */
    private static final class Flood implements ConnectionHandler {
        private final ByteBuffer piece = ByteBuffer.allocateDirect(64 * 1024);

        @Override
        public void onOpen(Connection connection) {
            onWritable(connection);
        }

        @Override
        public void onWritable(Connection connection) {
            while (connection.write(piece.clear())) {
                // until the queue is full
            }
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }
    }

    /** Counts what arrives, on any loop. */
    private static final class Counter implements ConnectionHandler {
        private final LongAdder received = new LongAdder();

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            received.add(bytes.remaining());
            bytes.position(bytes.limit());
        }

        /** What arrives a second, on average over a time. */
        double perSecond(EventLoop timing, Duration time) {
            long[] begin = new long[2];
            CompletableFuture<Double> result = new CompletableFuture<>();
            timing.schedule(BURST_OVER, () -> {
                begin[0] = System.nanoTime();
                begin[1] = received.sum();
                timing.schedule(
                        time,
                        () -> result.complete((received.sum() - begin[1]) * 1e9 / (System.nanoTime() - begin[0])));
            });
            return result.join();
        }
    }
}
