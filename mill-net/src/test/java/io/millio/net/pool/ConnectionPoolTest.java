package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.net.Connection;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Whom a pool serves, with which connection, in which order. */
class ConnectionPoolTest extends PoolCase {
    @Test
    void aConnectionThatWasGivenBackIsUsedAgain() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        Lease first = new Lease().ask(server);
        first.giveBack();
        Lease second = new Lease().ask(server);
        assertThat(second.callbacks).containsExactlyElementsOf(first.callbacks);
        assertThat(stats().created()).isEqualTo(1);
    }

    @Test
    void aLeasedConnectionKeepsTheHandlerOfThePool() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        Lease lease = new Lease().ask(server);
        Throwable[] thrown = new Throwable[1];
        inLoop(() -> {
            try {
                lease.connection().handler((connection, bytes) -> {});
            } catch (IllegalStateException e) {
                thrown[0] = e;
            }
        });
        assertThat(thrown[0]).hasMessageContaining("not replaceable");
        lease.giveBack();
        assertThat(new Lease().ask(server).callbacks).containsExactlyElementsOf(lease.callbacks);
    }

    @Test
    void theOneUsedLastIsUsedFirstByDefault() {
        SocketAddress server = server("server");
        pool(settings -> settings);
        assertThat(nextOfTwo(server)).isEqualTo(1);
    }

    @Test
    void theLongestIdleIsUsedFirstIfConfigured() {
        SocketAddress server = server("server");
        pool(ConnectionPoolBuilder::longestIdleFirst);
        assertThat(nextOfTwo(server)).isZero();
    }

    private int nextOfTwo(SocketAddress server) {
        Lease first = new Lease().ask(server);
        Lease second = new Lease().ask(server);
        List<Object> both = List.of(first.callbacks.get(0), second.callbacks.get(0));
        first.giveBack();
        second.giveBack();
        return both.indexOf(new Lease().ask(server).callbacks.get(0));
    }

    @Test
    void thoseWhoWaitAreServedInTheirOrder() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease first = new Lease().ask(server);
        Lease second = new Lease().ask(server);
        assertThat(first.callbacks).isEmpty();
        holder.giveBack();
        assertThat(first.callbacks).hasSize(1);
        assertThat(second.callbacks).isEmpty();
        first.giveBack();
        assertThat(second.callbacks).hasSize(1);
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
        assertThat(late.callbacks).singleElement().isInstanceOf(TimeoutException.class);
        holder.giveBack();
        assertThat(late.callbacks).hasSize(1);
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
        assertThat(cancelled.callbacks).isEmpty();
        assertThat(next.callbacks).hasSize(1);
    }

    @Test
    void aSecondReleaseDoesNotTouchTheNextLease() {
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
    void aDeadEndpointFailsItsRequestsAndDelaysNoOther() {
        SocketAddress alive = server("server");
        SocketAddress dead = network.host("dead").address(80);
        pool(settings ->
                settings.maxPerEndpoint(1).maxWaiters(2).connectBackoff(Duration.ofSeconds(2), Duration.ofSeconds(8)));
        Lease first = new Lease().ask(dead);
        assertThat(first.callbacks).singleElement().isInstanceOf(ConnectException.class);
        Lease second = new Lease().ask(dead);
        Lease third = new Lease().ask(dead);
        inLoop(() -> assertThatThrownBy(() -> known().acquire(dead, new Lease()))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("maxWaiters: 2"));
        Lease holder = new Lease().ask(alive);
        Lease waiting = new Lease().ask(alive);
        holder.giveBack();
        assertThat(waiting.callbacks).hasSize(1);
        assertThat(second.callbacks).isEmpty();
        network.runFor(Duration.ofSeconds(2));
        assertThat(second.callbacks).singleElement().isInstanceOf(ConnectException.class);
        assertThat(third.callbacks).as("the second failure in a row fails all").hasSize(1);
        assertThat(stats().connectFailures()).isEqualTo(2);
    }

    @Test
    void namesThatLeadToOneAddressAreDifferentEndpoints() {
        InetSocketAddress plain = (InetSocketAddress) server("server");
        SocketAddress a = named("a.test", plain);
        SocketAddress b = named("b.test", plain);
        assertThat(a).isEqualTo(b);
        pool(settings -> settings);
        Lease first = new Lease().ask(a);
        first.giveBack();
        Lease other = new Lease().ask(b);
        assertThat(other.callbacks).hasSize(1).doesNotContainAnyElementsOf(first.callbacks);
        Lease again = new Lease().ask(named("A.TEST", plain));
        assertThat(again.callbacks).containsExactlyElementsOf(first.callbacks);
        assertThat(stats().created()).isEqualTo(2);
    }

    private static InetSocketAddress named(String host, InetSocketAddress address) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(host, address.getAddress().getAddress()), address.getPort());
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRequestIsNeverFailedInsideItsOwnCall() {
        pool(settings -> settings);
        SocketAddress unsupported = new SocketAddress() {};
        Lease lease = new Lease();
        inLoop(() -> {
            assertThat(known().acquire(unsupported, lease)).isFalse();
            assertThat(lease.callbacks).isEmpty();
        });
        settle();
        assertThat(lease.callbacks).singleElement().isInstanceOf(Throwable.class);
    }

    @Test
    void aLeaseThatIsNotReleasedIsReportedOnceWithThePlaceWhereItWasAcquired() {
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
    void aWaiterForABackOffIsNotifiedOfTheEndOfTheLoop() {
        SocketAddress dead = network.host("dead").address(80);
        pool(settings -> settings.minIdle(1).connectBackoff(Duration.ofHours(1), Duration.ofHours(1)));
        new Lease().ask(dead);
        Lease second = new Lease().ask(dead);
        CompletableFuture<?> warm = known().warmUp(dead);
        settle();
        loop.close();
        network.run();
        assertThat(second.callbacks).singleElement().isInstanceOf(RejectedExecutionException.class);
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
        assertThatThrownBy(() -> builder.acquireTimeout(Duration.ZERO)).hasMessageContaining("acquireTimeout");
        assertThatThrownBy(() -> builder.lifetimeJitter(Double.NaN)).hasMessageContaining("lifetimeJitter: NaN");
        assertThatThrownBy(() -> builder.maxPerEndpoint(2).minIdle(3).build())
                .hasMessageContaining("minIdle: 3, must be at most maxPerEndpoint: 2");
    }
}
