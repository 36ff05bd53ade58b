package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionLease;
import io.millio.net.ConnectionPool;
import io.millio.net.TcpClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
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

/** One request after the other to an echo server: half of them each with a connection of its own, half through a pool. */
@Command(
        name = "pooled-client",
        description = "Sends requests to an echo server with and without a connection pool and prints both latencies.",
        sortOptions = false)
final class PooledClient implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Server (default ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--port", required = true, description = "Port of the server.")
    private int port;

    @Option(names = "--requests", defaultValue = "2000", description = "Requests each way (default ${DEFAULT-VALUE}).")
    private int requests;

    @Mixin
    private NetOptions options;

    private final ByteBuffer message = ByteBuffer.allocateDirect(64);
    private final Histogram alone = new Histogram(3);
    private final Histogram pooled = new Histogram(3);
    private @Nullable Throwable failed;

    @Override
    public Integer call() throws IOException {
        options.port(port, "--port");
        options.atLeast(1, requests, "--requests");
        SocketAddress server = new InetSocketAddress(host, port);
        try (EventLoopGroup loops = options.openLoops()) {
            EventLoop loop = loops.loops().get(0);
            try (TcpClient client = TcpClient.builder().loop(loop).build();
                    ConnectionPool pool = ConnectionPool.builder(client).build()) {
                Pooled user = new Pooled(pool, server);
                Alone other = new Alone(loop, client, server, user::next);
                loop.execute(other::next);
                loop.run();
            }
        }
        if (failed != null) {
            throw new IOException(Servers.reason(failed), failed);
        }
        report("new connection", alone);
        report("through a pool", pooled);
        return 0;
    }

    private void report(String how, Histogram latencies) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s: median %.1f us, 99 %% %.1f us%n",
                how,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3);
        out.flush();
    }

    private void fail(EventLoop loop, Throwable failure) {
        if (failed == null) {
            failed = failure;
        }
        loop.stop();
    }

    /** Connects for each request, and closes. */
    private final class Alone implements ConnectionHandler {
        private final EventLoop loop;
        private final TcpClient client;
        private final SocketAddress server;
        private final Runnable whenDone;
        private long begunNanos;
        private int done;

        Alone(EventLoop loop, TcpClient client, SocketAddress server, Runnable whenDone) {
            this.loop = loop;
            this.client = client;
            this.server = server;
            this.whenDone = whenDone;
        }

        void next() {
            begunNanos = System.nanoTime();
            CompletableFuture<?> unused = client.connect(server, this).whenComplete((connection, failure) -> {
                if (failure != null) {
                    fail(
                            loop,
                            failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure);
                }
            });
        }

        @Override
        public void onOpen(Connection connection) {
            connection.write(message.clear());
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (bytes.remaining() < message.capacity()) {
                return; // the rest is to come
            }
            bytes.position(bytes.limit());
            alone.recordValue(System.nanoTime() - begunNanos);
            connection.abort(); // a close in good order would leave thousands of ports waiting
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            if (cause != CloseCause.ABORTED) {
                fail(connection.loop(), failure != null ? failure : new IOException("the server closed: " + cause));
            } else if (++done < requests) {
                next();
            } else {
                whenDone.run();
            }
        }
    }

    /** Takes a connection of the pool for each request, and gives it back. One lease serves for all. */
    private final class Pooled extends ConnectionLease {
        private final ConnectionPool pool;
        private final SocketAddress server;
        private long begunNanos;
        private int done;

        Pooled(ConnectionPool pool, SocketAddress server) {
            this(pool, server, new Answers());
        }

        private Pooled(ConnectionPool pool, SocketAddress server, Answers answers) {
            super(answers);
            answers.user = this;
            this.pool = pool;
            this.server = server;
        }

        void next() {
            begunNanos = System.nanoTime();
            if (pool.acquire(server, this)) {
                onAcquired(connection());
            }
        }

        void answered() {
            pooled.recordValue(System.nanoTime() - begunNanos);
            release();
            if (++done < requests) {
                next();
            } else {
                pool.loop().stop();
            }
        }

        @Override
        protected void onAcquired(Connection connection) {
            connection.write(message.clear());
        }

        @Override
        protected void onFailed(Throwable cause) {
            fail(pool.loop(), cause);
        }
    }

    /** What comes while the lease holds a connection. */
    private final class Answers implements ConnectionHandler {
        private @Nullable Pooled user;

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (bytes.remaining() < message.capacity()) {
                return;
            }
            bytes.position(bytes.limit());
            Pooled known = user;
            if (known != null) {
                known.answered();
            }
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            fail(connection.loop(), failure != null ? failure : new IOException("the server closed: " + cause));
        }
    }
}
