package io.millio.examples;

import io.millio.EventLoop;
import io.millio.EventLoopGroup;
import io.millio.examples.cli.Arguments;
import io.millio.examples.cli.Console;
import io.millio.examples.cli.Declare;
import io.millio.examples.cli.Syntax;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.pool.ConnectionLease;
import io.millio.net.pool.ConnectionPool;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import org.apache.commons.cli.Option;
import org.jspecify.annotations.Nullable;

/**
 * One request after the other to an echo server: half of them each with a connection of its own, half through a pool.
 */
final class PooledClient implements Example {
    private static final int DEFAULT_REQUESTS = 2000;
    private static final Option HOST = Declare.value("host", "Server (default " + AddressOptions.LOOPBACK + ").");
    private static final Option PORT = Declare.required("port", "Port of the server.");
    private static final Option REQUESTS =
            Declare.value("requests", "Requests each way (default " + DEFAULT_REQUESTS + ").");

    private final String host;
    private final int port;
    private final int requests;
    private final NetOptions options;

    private final ByteBuffer message = ByteBuffer.allocateDirect(64);
    private final Histogram alone = new Histogram(3);
    private final Histogram pooled = new Histogram(3);
    private @Nullable Throwable failed;

    PooledClient(Arguments arguments) {
        host = arguments.textOf(HOST, AddressOptions.LOOPBACK);
        port = arguments.requiredIntOf(PORT, 1, 65535);
        requests = arguments.intOf(REQUESTS, DEFAULT_REQUESTS, 1, Integer.MAX_VALUE);
        options = new NetOptions(arguments);
    }

    static Syntax syntax() {
        Syntax syntax = new Syntax(
                "pooled-client",
                "Sends requests to an echo server with and without a connection pool and prints both latencies.");
        syntax.add(HOST, PORT, REQUESTS);
        NetOptions.addTo(syntax);
        return syntax;
    }

    @Override
    public int run(Console console) throws IOException {
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
        report(console.out(), "new connection", alone);
        report(console.out(), "through a pool", pooled);
        return 0;
    }

    private void report(PrintWriter out, String how, Histogram latencies) {
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
