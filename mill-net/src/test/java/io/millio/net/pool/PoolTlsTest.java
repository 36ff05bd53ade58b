package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.net.Connection;
import io.millio.net.ConnectionHandler;
import io.millio.net.EchoAccepted;
import io.millio.net.RefusalListener;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.net.tls.Certificates;
import io.millio.net.tls.TlsContext;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool of encrypted connections, over the sockets of the system. */
class PoolTlsTest {
    private final EventLoop loop =
            EventLoop.builder().transport(Transport.named("nio")).direct().build();
    private final List<Connection> accepted = new ArrayList<>();
    private final List<RefusalListener.Reason> refused = new ArrayList<>();
    private final TcpServer server = start();

    private TcpServer start() {
        try {
            return TcpServer.builder()
                    .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .loop(loop)
                    .tls(Certificates.server().build())
                    .refusals((remote, why, failure) -> refused.add(why))
                    .handler(new EchoAccepted(accepted))
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ConnectionPool pool(TlsContext context) {
        TcpClient client = TcpClient.builder().loop(loop).tls(context).build();
        return ConnectionPool.builder(client).maxPerEndpoint(1).build();
    }

    private void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            loop.runOnce();
        }
    }

    private ConnectionLease acquire(ConnectionPool pool, ConnectionHandler handler) {
        CompletableFuture<ConnectionLease> lease = pool.acquire(server.localAddress(), handler);
        until(lease::isDone);
        return lease.join();
    }

    private PoolStats stats(ConnectionPool pool) {
        CompletableFuture<PoolStats> asked = new CompletableFuture<>();
        loop.execute(() -> asked.complete(pool.stats()));
        until(asked::isDone);
        return asked.join();
    }

    @AfterEach
    void close() {
        loop.close();
        assertThat(server.connections()).isZero();
    }

    @Test
    void aConnectionIsUsedAgainAndTicketsOfTheServerDoNotCountAsSpeaking() {
        ConnectionPool pool = pool(Certificates.client().build());
        List<Connection> used = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int[] got = new int[1];
            ConnectionLease lease = acquire(pool, (connection, bytes) -> {
                got[0] += bytes.remaining();
                bytes.position(bytes.limit());
            });
            used.add(lease.connection());
            assertThat(lease.connection().tls()).isNotNull();
            lease.connection().write(ByteBuffer.allocate(40_000));
            until(() -> got[0] == 40_000);
            lease.release();
            until(() -> stats(pool).idle() == 1);
        }

        assertThat(used).containsOnly(used.get(0));
        assertThat(stats(pool).created()).isEqualTo(1);
    }

    @Test
    void oneThatIsReleasedUnusedStaysWhileItsTicketsArrive() {
        ConnectionPool pool = pool(Certificates.client().build());
        acquire(pool, (connection, bytes) -> {}).release();
        until(() -> accepted.size() == 1);
        for (int i = 0; i < 20; i++) {
            stats(pool);
        }

        assertThat(stats(pool).idle()).isEqualTo(1);
    }

    @Test
    void oneThatTheServerClosesWhileItIsIdleIsReplaced() {
        ConnectionPool pool = pool(Certificates.client().build());
        ConnectionLease first = acquire(pool, (connection, bytes) -> {});
        Connection gone = first.connection();
        first.release();
        until(() -> accepted.size() == 1);
        accepted.get(0).close();
        until(() -> stats(pool).idle() == 0);

        ConnectionLease second = acquire(pool, (connection, bytes) -> {});

        assertThat(second.connection()).isNotSameAs(gone);
        assertThat(stats(pool).evicted(EvictionCause.PEER_CLOSED)).isEqualTo(1);
        assertThat(stats(pool).leased()).isEqualTo(1);
    }

    @Test
    void aHandshakeThatFailsEndsTheRequestAndGivesThePlaceBack() {
        ConnectionPool pool =
                pool(TlsContext.client().trust(Certificates.RSA.chain()).build());
        CompletableFuture<ConnectionLease> lease = pool.acquire(server.localAddress(), (connection, bytes) -> {});
        until(lease::isDone);

        assertThatThrownBy(lease::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasRootCauseInstanceOf(Exception.class);
        PoolStats stats = stats(pool);
        assertThat(stats.connecting() + stats.idle() + stats.leased()).isZero();
        assertThat(stats.connectFailures()).isEqualTo(1);
        until(() -> refused.size() == 1);
        CompletableFuture<Boolean> closed = pool.close(Duration.ofSeconds(1));
        until(closed::isDone);
        assertThat(closed.join()).isTrue();
    }

    @Test
    void aConnectionVerifiedForOneNameIsNotLeasedForAnotherOneAtTheSameAddress() throws IOException {
        ConnectionPool pool = pool(Certificates.client().build());
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        byte[] loopback = InetAddress.getLoopbackAddress().getAddress();
        InetSocketAddress known = new InetSocketAddress(InetAddress.getByAddress("localhost", loopback), port);
        InetSocketAddress stranger = new InetSocketAddress(InetAddress.getByAddress("b.test", loopback), port);
        assertThat(known).isEqualTo(stranger);
        CompletableFuture<ConnectionLease> first = pool.acquire(known, (connection, bytes) -> {});
        until(first::isDone);
        first.join().release();

        CompletableFuture<ConnectionLease> refusedLease = pool.acquire(stranger, (connection, bytes) -> {});
        until(refusedLease::isDone);
        assertThat(refusedLease).isCompletedExceptionally();

        CompletableFuture<ConnectionLease> again = pool.acquire(known, (connection, bytes) -> {});
        until(again::isDone);
        assertThat(again).isCompleted();
        assertThat(stats(pool).created()).isEqualTo(1);
        until(() -> refused.size() == 1);
    }
}
