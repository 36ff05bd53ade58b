package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.Repeat;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the round trips of an echo server: one message at a time on each connection. All on one loop, so without locks. */
@Command(
        name = "net-echo-client",
        description = "Sends messages to an echo server and prints how long the round trips take.",
        sortOptions = false)
final class NetEchoClient implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Server (default ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--port", required = true, description = "Port of the server.")
    private int port;

    @Option(names = "--connections", defaultValue = "16", description = "Connections (default ${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--bytes", defaultValue = "64", description = "Bytes a message (default ${DEFAULT-VALUE}).")
    private int messageBytes;

    @Option(names = "--seconds", defaultValue = "5", description = "How long (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private TrustOptions trust;

    @Mixin
    private NetOptions options;

    private final Histogram total = new Histogram(3);
    private final Histogram sinceLastLine = new Histogram(3);
    private @Nullable Throwable failed;
    private int elapsed;
    private boolean over;

    @Override
    public Integer call() throws IOException {
        options.port(port, "--port");
        options.atLeast(1, connections, "--connections");
        options.atLeast(1, messageBytes, "--bytes");
        options.atLeast(1, seconds, "--seconds");
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
                        Duration.ofSeconds(1), Duration.ofSeconds(1), Repeat.FIXED_RATE, () -> progress(loop));
                loop.run();
            }
        }
        if (failed != null) {
            throw new IOException(Servers.reason(failed), failed);
        }
        report();
        return 0;
    }

    private void fail(EventLoop loop, Throwable failure) {
        if (!over && failed == null) {
            failed =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            loop.stop();
        }
    }

    private void progress(EventLoop loop) {
        elapsed++;
        PrintWriter err = spec.commandLine().getErr();
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

    private void report() {
        PrintWriter out = spec.commandLine().getOut();
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
