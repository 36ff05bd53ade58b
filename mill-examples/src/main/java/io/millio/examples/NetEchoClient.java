package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Repeat;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/**
 * Measures the round trips of an echo server: one message at a time on each connection. All on one loop, so without
 * locks.
 */
final class NetEchoClient implements Example {
    private static final int DEFAULT_CONNECTIONS = 16;
    private static final int DEFAULT_BYTES = 64;
    private static final int DEFAULT_SECONDS = 5;

    private static final Option HOST = Declare.value("host", "Server (default " + AddressOptions.LOOPBACK + ").");
    private static final Option PORT = Declare.required("port", "Port of the server.");
    private static final Option CONNECTIONS =
            Declare.value("connections", "Connections (default " + DEFAULT_CONNECTIONS + ").");
    private static final Option BYTES = Declare.value("bytes", "Bytes a message (default " + DEFAULT_BYTES + ").");
    private static final Option SECONDS = Declare.value("seconds", "How long (default " + DEFAULT_SECONDS + ").");

    private final String host;
    private final int port;
    private final int connections;
    private final int messageBytes;
    private final int seconds;
    private final TrustOptions trust;
    private final NetOptions options;

    private final Histogram total = new Histogram(3);
    private final Histogram sinceLastLine = new Histogram(3);
    private @Nullable Throwable failed;
    private int elapsed;
    private boolean over;

    NetEchoClient(Arguments arguments) {
        host = arguments.textOf(HOST, AddressOptions.LOOPBACK);
        port = arguments.requiredIntOf(PORT, 1, 65535);
        connections = arguments.intOf(CONNECTIONS, DEFAULT_CONNECTIONS, 1, Integer.MAX_VALUE);
        messageBytes = arguments.intOf(BYTES, DEFAULT_BYTES, 1, Integer.MAX_VALUE);
        seconds = arguments.intOf(SECONDS, DEFAULT_SECONDS, 1, Integer.MAX_VALUE);
        trust = new TrustOptions(arguments);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax(
                "net-echo-client", "Sends messages to an echo server and prints how long the round trips take.");
        syntax.add(HOST, PORT, CONNECTIONS, BYTES, SECONDS);
        TrustOptions.addTo(syntax);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop loop = loops.loops().get(0);
            try (TcpClient client =
                    trust.applyTo(TcpClient.builder().loop(loop)).build()) {
                for (int i = 0; i < connections; i++) {
                    CompletableFuture<?> unused = client.connect(host, port, new Pinging())
                            .whenComplete((connection, failure) -> {
                                if (failure != null) {
                                    fail(loop, failure);
                                }
                            });
                }
                loop.scheduleRepeating(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Repeat.FIXED_RATE,
                        () -> progress(loop, console.err()));
                loop.run();
            }
        }
        if (failed != null) {
            throw new IOException(Servers.reason(failed), failed);
        }
        report(console.out());
        return 0;
    }

    private void fail(EventLoop loop, Throwable failure) {
        if (!over && failed == null) {
            failed =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            loop.stop();
        }
    }

    private void progress(EventLoop loop, PrintWriter err) {
        elapsed++;
        err.printf(
                Locale.ROOT,
                "%d s: %,d round trips, median %.1f us, worst %.1f us%n",
                elapsed,
                sinceLastLine.getTotalCount(),
                sinceLastLine.getValueAtPercentile(50) / 1e3,
                sinceLastLine.getMaxValue() / 1e3);
        err.flush();
        sinceLastLine.reset();
        if (elapsed == seconds) {
            over = true;
            loop.stop();
        }
    }

    private void report(PrintWriter out) {
        out.printf(
                Locale.ROOT, "%,d round trips, %,d a second%n", total.getTotalCount(), total.getTotalCount() / seconds);
        for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
            out.printf(Locale.ROOT, "%7.2f %% %10.1f us%n", percentile, total.getValueAtPercentile(percentile) / 1e3);
        }
        out.flush();
    }

    /** One connection. */
    private final class Pinging implements ConnectionHandler {
        private final ByteBuffer message = ByteBuffer.allocateDirect(messageBytes);
        private long sentNanos;

        @Override
        public void onOpen(Connection connection) {
            send(connection);
        }

        private void send(Connection connection) {
            sentNanos = System.nanoTime();
            connection.write(message.clear());
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (bytes.remaining() < messageBytes) {
                return; // the rest is to come
            }
            bytes.position(bytes.position() + messageBytes);
            long nanos = System.nanoTime() - sentNanos;
            total.recordValue(nanos);
            sinceLastLine.recordValue(nanos);
            send(connection);
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            fail(
                    connection.loop(),
                    failure != null ? failure : new IOException("the server closed the connection: " + cause));
        }
    }
}
