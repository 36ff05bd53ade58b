package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.EchoAccepted;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A pool on a simulated network without faults, and the check that nothing is left of it. */
abstract class PoolCase {
    final SimNetwork network = SimNetwork.seeded(1);
    final EventLoop loop = network.host("client").loop(EventLoopBuilder::direct);
    final TcpClient client = TcpClient.builder().loop(loop).build();

    /** The server's ends, in the order of their opening. */
    final List<Connection> served = new ArrayList<>();

    private @Nullable ConnectionPool pool;

    @AfterEach
    final void close() {
        ConnectionPool known = pool;
        if (known != null && !loop.isClosed()) {
            CompletableFuture<Boolean> closed = known.close(Duration.ofSeconds(1));
            network.runUntil("closed", closed::isDone);
            assertThat(known.endpoints()).isEmpty();
        }
        network.run();
        assertThat(network.errors()).isEmpty();
        network.close();
    }

    /** Makes the pool of this test. */
    final void pool(UnaryOperator<ConnectionPoolBuilder> settings) {
        pool = settings.apply(ConnectionPool.builder(client).jitterStart(0)).build();
    }

    /** A server that echoes. */
    final SocketAddress server(String name) {
        SimHost at = network.host(name);
        try {
            TcpServer.builder()
                    .address(at.address(80))
                    .loop(at.loop(EventLoopBuilder::direct))
                    .handler(new EchoAccepted(served))
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return at.address(80);
    }

    final void inLoop(Runnable action) {
        boolean[] done = {false};
        loop.execute(() -> {
            action.run();
            done[0] = true;
        });
        network.runUntil("done in the loop", () -> done[0]);
    }

    /** Time enough for what comes at once, and for no timeout. */
    final void settle() {
        network.runFor(Duration.ofMillis(5));
    }

    final PoolStats stats() {
        PoolStats[] got = new PoolStats[1];
        inLoop(() -> got[0] = known().stats());
        return got[0];
    }

    final ConnectionPool known() {
        return Objects.requireNonNull(pool);
    }

    /** Writes down how its requests end. */
    class Lease extends ConnectionLease {
        final List<Object> callbacks = new ArrayList<>();

        Lease() {
            this((connection, bytes) -> {});
        }

        Lease(ConnectionHandler handler) {
            super(handler);
        }

        Lease ask(SocketAddress endpoint) {
            inLoop(() -> {
                if (known().acquire(endpoint, this)) {
                    callbacks.add(connection());
                }
            });
            settle();
            return this;
        }

        void giveBack() {
            inLoop(this::release);
            settle();
        }

        @Override
        protected void onAcquired(Connection connection) {
            callbacks.add(connection);
        }

        @Override
        protected void onFailed(Throwable cause) {
            callbacks.add(cause);
        }
    }
}
