package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.limit.RateLimiter;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.LimitStats;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.TcpServerBuilder;
import io.millio.net.WriteResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.cli.Option;

/**
 * A server with limits of bytes a second, and clients that send, or are sent, as much as it lets them, over loopback.
 */
final class ShapedTransfer implements Example {
    /** What the limit lets through at once when it is new is not measured. */
    private static final Duration BURST_OVER = Duration.ofMillis(500);

    private static final int BURSTS_PER_SECOND = 20;

    private static final long[] DEFAULT_RATES = {1_000_000, 10_000_000, 100_000_000};
    private static final int DEFAULT_CONNECTIONS = 1;
    private static final int DEFAULT_SECONDS = 10;

    private static final Option RATE = Declare.value(
            "rate", "BYTES[,BYTES...]", "Bytes a second, one or more, each way (default 1000000,10000000,100000000).");
    private static final Option CONNECTIONS =
            Declare.value("connections", "Connections (default " + DEFAULT_CONNECTIONS + ").");
    private static final Option SECONDS =
            Declare.value("seconds", "How long for each (default " + DEFAULT_SECONDS + ").");

    private final long[] rates;
    private final int connections;
    private final int seconds;
    private final NetOptions options;

    ShapedTransfer(Arguments arguments) {
        rates = arguments.longsOf(RATE, DEFAULT_RATES, 1);
        connections = arguments.intOf(CONNECTIONS, DEFAULT_CONNECTIONS, 1, Integer.MAX_VALUE);
        seconds = arguments.intOf(SECONDS, DEFAULT_SECONDS, 1, Integer.MAX_VALUE);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax(
                "shaped-transfer", "Limits how fast a server reads and writes, and prints how fast it does.");
        syntax.add(RATE, CONNECTIONS, SECONDS);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        for (long rate : rates) {
            transfer(rate, true, console.out());
            transfer(rate, false, console.out());
        }
        return 0;
    }

    private void transfer(long rate, boolean reading, PrintWriter out) throws IOException {
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
                            : settings.handlers(connection -> new Flood()).writeLimit(limiter))
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
                        out,
                        (reading ? "reading" : "writing"),
                        rate,
                        measured,
                        reading ? server.readLimitStats() : server.writeLimitStats());
            }
        }
    }

    private void report(PrintWriter out, String way, long rate, double measured, LimitStats stats) {
        out.printf(
                Locale.ROOT,
                "%s at %,d bytes a second: %,.0f (%+.2f %%), waited %,d times, %.1f s in all%n",
                way,
                rate,
                measured,
                (measured / rate - 1) * 100,
                stats.waits(),
                stats.waitNanos() / 1e9);
        out.flush();
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
            while (connection.write(piece.clear()) == WriteResult.CONTINUE) {
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
