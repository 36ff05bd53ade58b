package io.millio.bench;

import io.millio.EventLoop;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.pool.ConnectionLease;
import io.millio.net.pool.ConnectionPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client of an echo server, over loopback: its loop is driven by the thread that measures, the server has one of its
 * own. What it does is done in the loop, so often, and one after the other.
 */
final class PoolClient implements AutoCloseable {
    private final ByteBuffer message = ByteBuffer.allocateDirect(64);
    private final EventLoop loop = EventLoop.builder().direct().build();
    private final TcpServer server;
    private final SocketAddress endpoint;
    private final TcpClient client = TcpClient.builder().loop(loop).build();
    private final ConnectionPool pool =
            ConnectionPool.builder(client).maxLifetime(Duration.ofHours(1)).build();
    private final Lease lease = new Lease(new Answers());
    private final Runnable acquireAll = this::acquireAll;
    private final Runnable next = this::next;
    private Mode mode = Mode.ACQUIRE;
    private int left;
    private @Nullable Throwable failed;

    /** What it does. */
    enum Mode {
        ACQUIRE,
        ROUND_TRIP,
        POOLED,
        CONNECT
    }

    PoolClient() {
        try {
            server = TcpServer.builder()
                    .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .handler(Connection::write)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        endpoint = server.localAddress();
        run(Mode.POOLED, 1); // from here on there is an idle connection
    }

    /** Does it so often. */
    void run(Mode what, int times) {
        mode = what;
        left = times;
        loop.execute(what == Mode.ACQUIRE ? acquireAll : next);
        while (left > 0 && failed == null) {
            loop.runOnce();
        }
        if (failed != null) {
            throw new IllegalStateException(failed);
        }
    }

    private void acquireAll() {
        for (; left > 0; left--) {
            if (!pool.acquire(endpoint, lease)) {
                throw new IllegalStateException("waits, though one is idle");
            }
            lease.release();
        }
    }

    private void next() {
        if (mode == Mode.CONNECT) {
            CompletableFuture<?> unused = client.connect(endpoint, new Single()).whenComplete((made, failure) -> {
                if (failure != null) {
                    failed = failure;
                }
            });
        } else if (lease.isHeld()) {
            lease.onAcquired(lease.connection());
        } else if (pool.acquire(endpoint, lease)) {
            lease.onAcquired(lease.connection());
        }
    }

    private void answered() {
        left--;
        if (mode == Mode.POOLED || left == 0) {
            lease.release();
        }
        if (left > 0) {
            next();
        }
    }

    @Override
    public void close() {
        client.close();
        loop.close();
        server.close();
    }

    private final class Lease extends ConnectionLease {
        Lease(ConnectionHandler handler) {
            super(handler);
        }

        @Override
        protected void onAcquired(Connection connection) {
            connection.write(message.clear());
        }

        @Override
        protected void onFailed(Throwable cause) {
            failed = cause;
        }
    }

    /** Whether all of a message is there. */
    private boolean isWhole(ByteBuffer bytes) {
        if (bytes.remaining() < message.capacity()) {
            return false;
        }
        bytes.position(bytes.limit());
        return true;
    }

    private final class Answers implements ConnectionHandler {
        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (isWhole(bytes)) {
                answered();
            }
        }
    }

    /** A connection for one request. It is reset, for else thousands of ports would be left waiting. */
    private final class Single implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {
            connection.write(message.clear());
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (isWhole(bytes)) {
                connection.abort();
            }
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            if (cause != CloseCause.ABORTED) {
                failed = new IOException("the connection ended: " + cause, failure);
            } else if (--left > 0) {
                next();
            }
        }
    }
}
