package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a pool does, one thing at a time, on a simulated network without faults. */
class ConnectionPoolTest {
    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost host = network.host("client");
    private final EventLoop loop = host.loop(EventLoopBuilder::direct);
    private final TcpClient client = TcpClient.builder().loop(loop).build();
    private final List<Connection> served = new ArrayList<>();
    private @Nullable ConnectionPool pool;

    @AfterEach
    void close() {
        ConnectionPool known = pool;
        if (known != null && !loop.isClosed()) {
            CompletableFuture<Boolean> closed = known.close(Duration.ofSeconds(1));
            network.runUntil("closed", closed::isDone);
            assertThat(known.counts.occupied()).isZero();
            assertThat(known.endpoints).isEmpty();
        }
        network.run();
        assertThat(network.errors()).isEmpty();
        network.close();
    }

    private ConnectionPool pool(UnaryOperator<ConnectionPoolBuilder> settings) {
        ConnectionPool made =
                settings.apply(ConnectionPool.builder(client).jitterStart(0)).build();
        pool = made;
        return made;
    }

    private SocketAddress server(String name) {
        SimHost at = network.host(name);
        try {
            TcpServer.builder()
                    .address(at.address(80))
                    .loop(at.loop(EventLoopBuilder::direct))
                    .handler(new ConnectionHandler() {
                        @Override
                        public void onOpen(Connection connection) {
                            served.add(connection);
                        }

                        @Override
                        public void onData(Connection connection, ByteBuffer bytes) {
                            connection.write(bytes);
                        }
                    })
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return at.address(80);
    }

    private void inLoop(Runnable action) {
        boolean[] done = {false};
        loop.execute(() -> {
            action.run();
            done[0] = true;
        });
        network.runUntil("done in the loop", () -> done[0]);
    }

    /** Time enough for what comes at once, and for no timeout. */
    private void settle() {
        network.runFor(Duration.ofMillis(5));
    }

    private PoolStats stats() {
        PoolStats[] got = new PoolStats[1];
        inLoop(() -> got[0] = known().stats());
        return got[0];
    }

    private ConnectionPool known() {
        return Objects.requireNonNull(pool);
    }

    /** Writes down how its requests end. */
    private class Lease extends ConnectionLease {
        final List<Object> told = new ArrayList<>();

        Lease() {
            this((connection, bytes) -> {});
        }

        Lease(ConnectionHandler handler) {
            super(handler);
        }

        Lease ask(SocketAddress endpoint) {
            inLoop(() -> {
                if (known().acquire(endpoint, this)) {
                    told.add(connection());
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
            told.add(connection);
        }

        @Override
        protected void onFailed(Throwable cause) {
            told.add(cause);
        }
    }

    @Test
    void aConnectionThatWasGivenBackIsUsedAgain() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        Lease first = new Lease().ask(server);
        first.giveBack();
        Lease second = new Lease().ask(server);
        assertThat(second.told).containsExactlyElementsOf(first.told);
        assertThat(stats().created()).isEqualTo(1);
    }

    @Test
    void theOneUsedLastIsUsedFirstUnlessToldOtherwise() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        assertThat(nextOfTwo(server)).isEqualTo(1);
    }

    @Test
    void theLongestIdleIsUsedFirstIfToldSo() {
        SocketAddress server = server("server");
        pool(ConnectionPoolBuilder::longestIdleFirst);
        assertThat(nextOfTwo(server)).isZero();
    }

    private int nextOfTwo(SocketAddress server) {
        Lease first = new Lease().ask(server);
        Lease second = new Lease().ask(server);
        List<Object> both = List.of(first.told.get(0), second.told.get(0));
        first.giveBack();
        second.giveBack();
        return both.indexOf(new Lease().ask(server).told.get(0));
    }

    @Test
    void thoseWhoWaitAreServedInTheirOrder() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease first = new Lease().ask(server);
        Lease second = new Lease().ask(server);
        assertThat(first.told).isEmpty();
        holder.giveBack();
        assertThat(first.told).hasSize(1);
        assertThat(second.told).isEmpty();
        first.giveBack();
        assertThat(second.told).hasSize(1);
    }

    @Test
    void moreThanMayWaitAreRefused() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1).maxWaiters(1));
        new Lease().ask(server);
        new Lease().ask(server);
        inLoop(() -> assertThatThrownBy(() -> known().acquire(server, new Lease()))
                .isInstanceOf(RejectedExecutionException.class));
        assertThat(stats().refused()).isEqualTo(1);
    }

    @Test
    void aWaitEndsWithItsTime() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1).acquireTimeout(Duration.ofSeconds(1)));
        Lease holder = new Lease().ask(server);
        Lease late = new Lease().ask(server);
        network.runFor(Duration.ofSeconds(1));
        assertThat(late.told).singleElement().isInstanceOf(TimeoutException.class);
        holder.giveBack();
        assertThat(late.told).hasSize(1);
        assertThat(stats().timedOut()).isEqualTo(1);
        assertThat(stats().idle()).isEqualTo(1);
    }

    @Test
    void whoCancelsIsNotServed() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease cancelled = new Lease().ask(server);
        Lease next = new Lease().ask(server);
        inLoop(() -> assertThat(cancelled.cancel()).isTrue());
        holder.giveBack();
        assertThat(cancelled.told).isEmpty();
        assertThat(next.told).hasSize(1);
    }

    @Test
    void aSecondReleaseTouchesNobodysConnection() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease first = new Lease().ask(server);
        first.giveBack();
        Lease second = new Lease().ask(server);
        first.giveBack();
        assertThat(second.isHeld()).isTrue();
        assertThat(stats().leased()).isEqualTo(1);
        assertThat(stats().strayReleases()).isEqualTo(1);
    }

    @Test
    void anIdleConnectionThatDiesLeavesAtOnce() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        new Lease().ask(server).giveBack();
        served.get(0).close();
        settle();
        assertThat(stats().idle()).isZero();
        assertThat(stats().evicted(EvictionCause.PEER_CLOSED)).isEqualTo(1);
    }

    @Test
    void anIdleConnectionOnWhichThePeerSpeaksLeavesAtOnce() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        new Lease().ask(server).giveBack();
        served.get(0).write(ByteBuffer.wrap(new byte[] {1}));
        settle();
        assertThat(stats().evicted(EvictionCause.SPOKE)).isEqualTo(1);
    }

    @Test
    void bytesLeftUnreadAreNotForTheNext() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        Lease[] lazy = new Lease[1];
        lazy[0] = new Lease((connection, bytes) -> {
            bytes.get();
            lazy[0].release();
        });
        lazy[0].ask(server);
        inLoop(() -> lazy[0].connection().write(ByteBuffer.wrap(new byte[] {1, 2})));
        settle();
        assertThat(stats().evicted(EvictionCause.SPOKE)).isEqualTo(1);
    }

    @Test
    void theAnswerReleasesAndTheSameConnectionServesTheNextRequest() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        int[] answers = {0};
        Lease[] user = new Lease[1];
        user[0] =
                new Lease((connection, bytes) -> {
                    bytes.get();
                    user[0].release();
                    if (++answers[0] < 10) {
                        assertThat(known().acquire(server, user[0])).isFalse();
                    }
                }) {
                    @Override
                    protected void onAcquired(Connection connection) {
                        connection.write(ByteBuffer.wrap(new byte[] {1}));
                    }
                };
        user[0].ask(server);
        network.runUntil("ten answers", () -> answers[0] == 10);
        assertThat(stats().created()).isEqualTo(1);
    }

    @Test
    void thePlaceOfABrokenConnectionIsTheNextOnes() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease next = new Lease().ask(server);
        served.get(0).abort();
        settle();
        assertThat(holder.isHeld()).isFalse();
        assertThat(next.told).singleElement().isInstanceOf(Connection.class).isNotEqualTo(holder.told.get(0));
    }

    @Test
    void anIdleConnectionGoesInTimeButThoseThatAreToBeKept() {
        SocketAddress server = server("server");
        pool(settings -> settings.idleTimeout(Duration.ofSeconds(10)).minIdle(1));
        CompletableFuture<?> warm = known().warmUp(server);
        network.runUntil("warm", warm::isDone);
        Lease first = new Lease().ask(server);
        Lease second = new Lease().ask(server);
        settle();
        first.giveBack();
        second.giveBack();
        int before = stats().idle();
        network.runFor(Duration.ofSeconds(25));
        assertThat(before).isGreaterThan(1);
        assertThat(stats().idle()).isEqualTo(1);
        assertThat(stats().evicted(EvictionCause.IDLE_TIMEOUT)).isEqualTo(before - 1L);
    }

    @Test
    void aConnectionEndsWithItsLifetime() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxLifetime(Duration.ofSeconds(30)).lifetimeJitter(0));
        Lease user = new Lease().ask(server);
        network.runFor(Duration.ofSeconds(31));
        assertThat(user.isHeld()).isTrue();
        user.giveBack();
        assertThat(stats().evicted(EvictionCause.MAX_LIFETIME)).isEqualTo(1);
        user.ask(server).giveBack();
        network.runFor(Duration.ofSeconds(31));
        assertThat(stats().evicted(EvictionCause.MAX_LIFETIME)).isEqualTo(2);
    }

    @Test
    void aConnectionIsUsedSoOften() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxUses(2));
        for (int i = 0; i < 6; i++) {
            new Lease().ask(server).giveBack();
        }
        assertThat(stats().created()).isEqualTo(3);
        assertThat(stats().evicted(EvictionCause.MAX_USES)).isEqualTo(3);
    }

    @Test
    void aDeadEndpointHoldsUpNoOther() {
        SocketAddress alive = server("server");
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.maxTotal(1).connectBackoff(Duration.ofSeconds(2), Duration.ofSeconds(8)));
        Lease first = new Lease().ask(dead);
        assertThat(first.told).singleElement().isInstanceOf(ConnectException.class);
        Lease second = new Lease().ask(dead);
        assertThat(second.told).isEmpty();
        new Lease().ask(alive).giveBack();
        assertThat(stats().created()).isEqualTo(1);
        network.runFor(Duration.ofSeconds(2));
        assertThat(second.told).singleElement().isInstanceOf(ConnectException.class);
        assertThat(stats().connectFailures()).isEqualTo(2);
    }

    @Test
    void aFailedAttemptGivesItsPlaceToAnotherEndpoint() {
        SocketAddress alive = server("server");
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.maxTotal(1));
        Lease first = new Lease();
        Lease second = new Lease();
        inLoop(() -> {
            known().acquire(dead, first);
            known().acquire(alive, second);
        });
        settle();
        assertThat(first.told).singleElement().isInstanceOf(ConnectException.class);
        assertThat(second.told).singleElement().isInstanceOf(Connection.class);
    }

    @Test
    void theLongestIdleOfAnotherEndpointMakesRoom() {
        SocketAddress one = server("one");
        SocketAddress other = server("other");
        pool(settings -> settings.maxTotal(1));
        new Lease().ask(one).giveBack();
        assertThat(new Lease().ask(other).told).hasSize(1);
        assertThat(stats().evicted(EvictionCause.MADE_ROOM)).isEqualTo(1);
    }

    @Test
    void aConnectionThatWasIdleForLongIsChecked() {
        SocketAddress server = server("server");
        List<Connection> checked = new ArrayList<>();
        pool(settings -> settings.check(
                (connection, verdict) -> {
                    checked.add(connection);
                    connection.write(ByteBuffer.wrap(new byte[] {7}));
                    return (from, bytes) -> verdict.usable(bytes.get() == 7);
                },
                Duration.ofSeconds(5),
                Duration.ofSeconds(1)));
        new Lease().ask(server).giveBack();
        new Lease().ask(server).giveBack();
        assertThat(checked).isEmpty();
        network.runFor(Duration.ofSeconds(6));
        assertThat(new Lease().ask(server).told).containsExactlyElementsOf(checked);
        assertThat(stats().created()).isEqualTo(1);
    }

    @Test
    void aConnectionThatFailsItsCheckIsReplaced() {
        SocketAddress server = server("server");
        pool(settings -> settings.check(
                (connection, verdict) -> (from, bytes) -> {}, Duration.ofSeconds(5), Duration.ofMillis(2)));
        Lease first = new Lease().ask(server);
        first.giveBack();
        network.runFor(Duration.ofSeconds(6));
        Lease second = new Lease().ask(server);
        assertThat(second.told).singleElement().isNotEqualTo(first.told.get(0));
        assertThat(stats().evicted(EvictionCause.CHECK_FAILED)).isEqualTo(1);
    }

    @Test
    void aLeaseThatNobodyGivesBackIsToldOnceWithThePlaceWhereItWasAcquired() {
        SocketAddress server = server("server");
        List<Throwable> leaks = new ArrayList<>();
        pool(settings -> settings.leakAfter(Duration.ofSeconds(5), (connection, place) -> leaks.add(place)));
        Lease good = new Lease().ask(server);
        good.giveBack();
        new Lease().ask(server);
        network.runFor(Duration.ofSeconds(20));
        assertThat(leaks).hasSize(1);
        assertThat(leaks.get(0).getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(Lease.class.getName()));
    }

    @Test
    void aCloseWaitsForWhatIsLentAndNoLongerThanItsDeadline() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease waiter = new Lease().ask(server);
        CompletableFuture<Boolean> closed = known().close(Duration.ofSeconds(5));
        settle();
        assertThat(waiter.told).singleElement().isInstanceOf(RejectedExecutionException.class);
        assertThat(holder.connection().isOpen()).isTrue();
        assertThat(closed.isDone()).isFalse();
        network.runFor(Duration.ofSeconds(5));
        assertThat(closed.join()).isFalse();
        assertThat(holder.isHeld()).isFalse();
    }

    @Test
    void whatComesBackAfterTheCloseIsClosed() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        Lease holder = new Lease().ask(server);
        CompletableFuture<Boolean> closed = known().close(Duration.ofSeconds(5));
        settle();
        holder.giveBack();
        assertThat(closed.join()).isTrue();
        assertThat(stats().evicted(EvictionCause.POOL_CLOSED)).isEqualTo(1);
    }

    @Test
    void whoWaitsForABackOffIsToldTheEndOfTheLoop() {
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.minIdle(1).connectBackoff(Duration.ofHours(1), Duration.ofHours(1)));
        new Lease().ask(dead);
        Lease second = new Lease().ask(dead);
        CompletableFuture<?> warm = known().warmUp(dead);
        settle();
        loop.close();
        network.run();
        assertThat(second.told).singleElement().isInstanceOf(RejectedExecutionException.class);
        assertThat(warm).isCompletedExceptionally();
    }

    @Test
    void aFutureIsForAnyThreadAndItsCancellationGivesBackWhatCameMeanwhile() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        CompletableFuture<ConnectionLease> first = known().acquire(server, (connection, bytes) -> {});
        CompletableFuture<ConnectionLease> second = known().acquire(server, (connection, bytes) -> {});
        settle();
        second.cancel(false);
        settle();
        first.join().release();
        settle();
        assertThat(stats().idle()).isEqualTo(1);
        assertThat(stats().pending()).isZero();
    }

    @Test
    void settingsThatMakeNoSenseAreNamed() {
        ConnectionPoolBuilder builder = ConnectionPool.builder(client);
        assertThatThrownBy(() -> builder.maxPerEndpoint(0)).hasMessageContaining("maxPerEndpoint: 0");
        assertThatThrownBy(() -> builder.maxTotal(-1)).hasMessageContaining("maxTotal: -1");
        assertThatThrownBy(() -> builder.acquireTimeout(Duration.ZERO)).hasMessageContaining("acquireTimeout");
        assertThatThrownBy(() -> builder.lifetimeJitter(Double.NaN)).hasMessageContaining("lifetimeJitter: NaN");
        assertThatThrownBy(() -> builder.maxPerEndpoint(2).minIdle(3).build())
                .hasMessageContaining("minIdle: 3, more than maxPerEndpoint: 2");
    }
}
