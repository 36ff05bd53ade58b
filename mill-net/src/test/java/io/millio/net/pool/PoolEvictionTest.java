package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.Connection;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Which connections a pool parts with, and when. */
class PoolEvictionTest extends PoolCase {
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
        assertThat(stats().evicted(EvictionCause.UNEXPECTED_DATA)).isEqualTo(1);
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
        assertThat(stats().evicted(EvictionCause.UNEXPECTED_DATA)).isEqualTo(1);
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
        assertThat(next.callbacks)
                .singleElement()
                .isInstanceOf(Connection.class)
                .isNotEqualTo(holder.callbacks.get(0));
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
        assertThat(new Lease().ask(server).callbacks).containsExactlyElementsOf(checked);
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
        assertThat(second.callbacks).singleElement().isNotEqualTo(first.callbacks.get(0));
        assertThat(stats().evicted(EvictionCause.CHECK_FAILED)).isEqualTo(1);
    }

    @Test
    void aCloseWaitsForWhatIsLentAndNoLongerThanItsDeadline() {
        SocketAddress server = server("server");
        pool(settings -> settings.maxPerEndpoint(1));
        Lease holder = new Lease().ask(server);
        Lease waiter = new Lease().ask(server);
        CompletableFuture<Boolean> closed = known().close(Duration.ofSeconds(5));
        settle();
        assertThat(waiter.callbacks).singleElement().isInstanceOf(RejectedExecutionException.class);
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
}
