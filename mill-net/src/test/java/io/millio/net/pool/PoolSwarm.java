package io.millio.net.pool;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.net.CloseCause;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.ConnectionOptions;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One random program: users of a pool that do with their leases whatever may be done, servers that answer, speak
 * unasked, hang up and are not there, on links on which anything may go wrong.
 */
final class PoolSwarm {
    private static final byte UNASKED = '!';
    private static final byte PING = '?';

    /** Why a connection may end while it is lent: its user or peer ends it, a fault, or the loop's end. */
    private static final Set<CloseCause> CAUSES =
            EnumSet.of(CloseCause.LOCAL, CloseCause.PEER, CloseCause.FAILED, CloseCause.LOOP_CLOSED);

    private final SimNetwork network;
    private final boolean benign;
    private boolean closing; // the pool, which aborts at its deadline what is leased still
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<TcpServer> servers = new ArrayList<>();
    private final List<SocketAddress> endpoints = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final Map<Connection, User> holders = new HashMap<>();
    private final SimHost clientHost;
    private final EventLoop loop;
    private final int maxPerEndpoint;
    private final ConnectionPool pool;

    PoolSwarm(SimNetwork network) throws Exception {
        this.network = network;
        network.links()
                .latency(Duration.ofNanos(10_000), Duration.ofMillis(1 + network.draw(30)))
                .shortReads(0.2)
                .shortWrites(0.2);
        benign = network.draw(3) == 0;
        if (!benign) {
            network.links().resets(0.002).refusals(0.1);
        }
        network.hangUps(network.draw(2) == 0);
        clientHost = network.host("client");
        loop = clientHost.loop(EventLoopBuilder::direct);
        loops.add(loop);
        for (int i = 1 + network.draw(3); i > 0; i--) {
            openEndpoint("server" + i, network.draw(5) == 0);
        }
        TcpClient client = TcpClient.builder()
                .loop(loop)
                .connectTimeout(Duration.ofMillis(20 + network.draw(2_000)))
                .options(ConnectionOptions.DEFAULT.withReadIdleTimeout(Duration.ofSeconds(20)))
                .build();
        maxPerEndpoint = 1 + network.draw(3);
        pool = settings(client).build();
    }

    private ConnectionPoolBuilder settings(TcpClient client) {
        ConnectionPoolBuilder settings = ConnectionPool.builder(client)
                .maxPerEndpoint(maxPerEndpoint)
                .maxWaiters(1 + network.draw(8))
                .acquireTimeout(Duration.ofMillis(1 + network.draw(2_000)))
                .idleTimeout(Duration.ofMillis(network.draw(1_000)))
                .maxLifetime(Duration.ofMillis(network.draw(2) * (1L + network.draw(2_000))))
                .maxUses(1 + network.draw(20))
                .minIdle(network.draw(1 + maxPerEndpoint))
                .connectBackoff(Duration.ofMillis(1 + network.draw(50)), Duration.ofMillis(51 + network.draw(500)))
                .jitterStart(0.5);
        if (network.draw(2) == 0) {
            settings.longestIdleFirst();
        }
        if (network.draw(2) == 0) {
            settings.check(
                    this::check, Duration.ofMillis(network.draw(100)), Duration.ofMillis(20L + network.draw(200)));
        }
        if (network.draw(2) == 0) {
            settings.leakAfter(Duration.ofMillis(5), (connection, place) -> {});
        }
        return settings;
    }

    private void openEndpoint(String name, boolean dead) throws Exception {
        SimHost host = network.host(name);
        endpoints.add(host.address(80));
        if (dead) {
            return;
        }
        EventLoop serverLoop = host.loop(EventLoopBuilder::direct);
        loops.add(serverLoop);
        servers.add(TcpServer.builder()
                .address(host.address(80))
                .loop(serverLoop)
                .handler(this::serve)
                .start());
    }

    private void serve(Connection connection, ByteBuffer bytes) {
        connection.write(bytes);
        switch (network.draw(12)) {
            case 0 -> connection.close();
            case 1 -> connection.abort();
            case 2 -> connection.loop().schedule(Duration.ofMillis(network.draw(300)), connection::close);
            case 3 ->
                connection.loop().schedule(Duration.ofMillis(network.draw(300)), () -> {
                    if (connection.isOpen()) {
                        connection.write(ByteBuffer.wrap(new byte[] {UNASKED}));
                    }
                });
            default -> {}
        }
    }

    private ConnectionHandler check(Connection connection, ConnectionCheck.Result verdict) {
        if (network.draw(4) == 0) {
            verdict.usable(network.draw(2) == 0);
            return (from, bytes) -> {};
        }
        connection.write(ByteBuffer.wrap(new byte[] {PING}));
        return (from, bytes) -> {
            byte got = bytes.get();
            verdict.usable(got == PING);
            verdict.usable(true); // is of no account any more
        };
    }

    // ---- running

    void run() {
        for (int i = 1 + network.draw(7); i > 0; i--) {
            users.add(new User((byte) (i + 32 + 64)));
        }
        users.forEach(user -> loop.execute(user::next));
        CompletableFuture<?> warm = pool.warmUp(endpoints.get(0));
        if (network.draw(3) == 0) {
            network.after(Duration.ofMillis(network.draw(2_000)), () -> {
                if (network.draw(4) == 0) {
                    loop.close();
                } else {
                    CompletableFuture<?> unused = closePool();
                }
            });
        }
        until("all users are done", () -> users.stream().allMatch(user -> user.left == 0));
        CompletableFuture<Boolean> ended = closePool();
        until("the pool has closed", ended::isDone);
        network.run(); // the loop may be in the midst of the end
        check(warm);
        for (TcpServer server : servers) {
            server.close();
        }
        loops.forEach(EventLoop::close);
        network.run();
        network.assertNothingLeaked();
    }

    private CompletableFuture<Boolean> closePool() {
        closing = true;
        return pool.close(Duration.ofMillis(network.draw(3_000)));
    }

    /** The invariant is looked at after each step. */
    private void until(String what, BooleanSupplier condition) {
        network.runUntil(what, () -> {
            pool.endpoints()
                    .forEach(each ->
                            require(each.occupied() <= maxPerEndpoint, each.occupied() + " of " + maxPerEndpoint));
            return condition.getAsBoolean();
        });
    }

    private void check(CompletableFuture<?> warm) {
        require(pool.isEmpty(), "connections are left");
        require(pool.counters.connectFailures < 1_000, "attempts: " + pool.counters.connectFailures + " have failed");
        require(pool.endpoints().allMatch(each -> each.occupied() == 0), "connections are counted still");
        require(pool.endpoints().allMatch(each -> each.waiting() == 0), "a lease is waiting still");
        require(loop.isClosed() || pool.endpoints().findAny().isEmpty(), "endpoints are known still");
        require(warm.isDone(), "the warm-up never ended");
        for (User user : users) {
            require(user.asked == user.callbacks, user.asked + " requests, " + user.callbacks + " ends");
        }
        require(network.errors().isEmpty(), "errors were reported: " + network.errors());
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new AssertionError(otherwise);
        }
    }

    /** Asks, sends its letter, waits for it to come back, and asks again. */
    private final class User extends ConnectionLease {
        private final byte letter;
        private final UserHandler userHandler;
        int left = 1 + network.draw(12);
        int asked;
        int callbacks;

        User(byte letter) {
            this(letter, new UserHandler());
        }

        private User(byte letter, UserHandler handler) {
            super(handler);
            this.letter = letter;
            this.userHandler = handler;
            handler.user = this;
        }

        void next() {
            asked++;
            SocketAddress endpoint = endpoints.get(network.draw(endpoints.size()));
            if (network.draw(3) == 0) {
                future(endpoint);
                return;
            }
            try {
                if (pool.acquire(endpoint, this)) {
                    onAcquired(connection());
                    return;
                }
            } catch (RejectedExecutionException e) {
                onFailed(e);
                return;
            }
            if (network.draw(4) == 0) {
                int number = asked;
                loop.schedule(Duration.ofMillis(network.draw(100)), () -> {
                    if (number == asked && cancel()) {
                        callbacks++;
                        over();
                    }
                });
            }
        }

        private void future(SocketAddress endpoint) {
            CompletableFuture<ConnectionLease> future;
            try {
                future = pool.acquire(endpoint, userHandler);
            } catch (RejectedExecutionException e) {
                onFailed(e);
                return;
            }
            CompletableFuture<?> unused = future.whenComplete((lease, failure) -> {
                if (failure != null) {
                    onFailed(failure);
                } else {
                    begin(lease);
                }
            });
            if (network.draw(4) == 0) {
                clientHost.executor(1).execute(() -> future.cancel(false));
            }
        }

        @Override
        protected void onAcquired(Connection connection) {
            begin(this);
        }

        private void begin(ConnectionLease lease) {
            callbacks++;
            Connection connection = lease.connection();
            require(holders.put(connection, this) == null, "lent to two at a time");
            userHandler.lease = lease;
            switch (network.draw(12)) {
                case 0 -> end(lease, connection); // without a word
                case 1 -> {
                    connection.close();
                    end(lease, connection);
                }
                default -> {
                    connection.write(ByteBuffer.wrap(new byte[] {letter}));
                    if (network.draw(10) == 0) {
                        connection.pauseReading();
                        loop.schedule(Duration.ofMillis(1 + network.draw(20)), connection::resumeReading);
                    }
                }
            }
        }

        /** Gives back in one of the ways. What was sent and not answered is not for the next one. */
        private void end(ConnectionLease lease, Connection connection) {
            if (!holders.remove(connection, this)) {
                return;
            }
            userHandler.lease = null;
            switch (network.draw(5)) {
                case 0 -> lease.discard();
                case 1 -> {
                    lease.release();
                    lease.release();
                }
                case 2 -> {
                    if (lease == this) {
                        lease.release();
                    } else {
                        userHandler.givingBack = connection;
                        clientHost.executor(1).execute(lease::release);
                    }
                }
                default -> lease.release();
            }
            over();
        }

        @Override
        protected void onFailed(Throwable cause) {
            callbacks++;
            over();
        }

        private void over() {
            left--;
            if (left > 0) {
                try {
                    loop.schedule(Duration.ofMillis(network.draw(60)), this::next, () -> left = 0);
                } catch (RejectedExecutionException e) {
                    left = 0;
                }
            }
        }
    }

    /** The handler of a user. */
    private final class UserHandler implements ConnectionHandler {
        @Nullable
        User user;

        @Nullable
        ConnectionLease lease;

        /** The connection that another thread is releasing: the handler may be called until that takes effect. */
        @Nullable
        Connection givingBack;

        private User user() {
            return Objects.requireNonNull(user);
        }

        @Override
        public void onData(Connection connection, ByteBuffer bytes) {
            if (connection == givingBack && !holders.containsKey(connection)) {
                bytes.position(bytes.limit());
                return;
            }
            ConnectionLease held = Objects.requireNonNull(lease, "received data after the lease was released");
            require(holders.get(connection) == user(), "received data of a connection that was released");
            byte got = bytes.get();
            if (got == UNASKED) {
                holders.remove(connection);
                lease = null;
                held.discard();
                user().over();
                return;
            }
            require(got == user().letter, "got " + got + " instead of " + user().letter);
            user().end(held, connection);
        }

        @Override
        public void onOpen(Connection connection) {
            throw new AssertionError("onOpen was called");
        }

        @Override
        public void onClose(Connection connection, CloseCause cause, @Nullable Throwable failure) {
            if (connection == givingBack && !holders.containsKey(connection)) {
                return;
            }
            require(
                    CAUSES.contains(cause)
                            || !benign && cause == CloseCause.IDLE_TIMEOUT
                            || closing && cause == CloseCause.ABORTED,
                    "a connection ended with " + cause);
            require(holders.remove(connection) == user(), "onClose was called for a connection that was released");
            ConnectionLease held = Objects.requireNonNull(lease, "onClose was called after the lease was released");
            require(!held.isHeld(), "the lease holds what has ended");
            lease = null;
            if (network.draw(2) == 0) {
                held.release();
            }
            user().over();
        }
    }
}
