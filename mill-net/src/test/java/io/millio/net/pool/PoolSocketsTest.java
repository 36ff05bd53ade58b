package io.millio.net.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import io.millio.net.Connection;
import io.millio.net.TcpClient;
import io.millio.net.TcpServer;
import io.millio.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool over the sockets of the system: the same for every kind of address. */
class PoolSocketsTest {
    private static void isUsedTwice(SocketAddress listen, boolean byName) throws IOException {
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transport.named("nio"))
                        .direct()
                        .build();
                TcpServer server = TcpServer.builder()
                        .address(listen)
                        .loop(loop)
                        .handler((connection, bytes) -> {})
                        .start();
                TcpClient client = TcpClient.builder().loop(loop).build()) {
            ConnectionPool pool = ConnectionPool.builder(client).build();
            SocketAddress at = server.localAddress();
            if (byName) {
                at = InetSocketAddress.createUnresolved("127.0.0.1", ((InetSocketAddress) at).getPort());
            }
            ConnectionLease first = acquire(pool, at);
            Connection connection = first.connection();
            first.release();
            assertThat(acquire(pool, at).connection()).isSameAs(connection);
            CompletableFuture<Boolean> closed = pool.close(Duration.ZERO);
            drive(pool, closed);
            assertThat(closed.join()).isFalse();
        }
    }

    private static ConnectionLease acquire(ConnectionPool pool, SocketAddress at) {
        CompletableFuture<ConnectionLease> lease = pool.acquire(at, (connection, bytes) -> {});
        drive(pool, lease);
        return lease.join();
    }

    private static void drive(ConnectionPool pool, CompletableFuture<?> until) {
        while (!until.isDone()) {
            pool.loop().runOnce();
        }
    }

    @Test
    void aConnectionToAUnixDomainSocketIsUsedAgain(@TempDir Path directory) throws IOException {
        isUsedTwice(UnixDomainSocketAddress.of(directory.resolve("socket")), false);
    }

    @Test
    void aConnectionToANameIsUsedAgain() throws IOException {
        isUsedTwice(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), true);
    }
}
