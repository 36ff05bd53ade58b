package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millio.EventLoop;
import io.millio.net.pool.ConnectionPool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** To wait in the turn for what only this turn's loop completes is an error at once, and not for ever. */
class WaitInTurnTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    /** What a request may need: all on one loop. */
    record Here(TcpServer server, TcpClient client, ConnectionPool pool, Connection one, Connection other, Path file) {}

    /** Asks for something that is not there yet. */
    interface Request {
        CompletableFuture<?> in(Here here);
    }

    static Stream<Named<Request>> requests() {
        return Stream.of(
                Named.of("connect", here -> here.client.connect(here.server.localAddress(), (connection, bytes) -> {})),
                Named.of(
                        "connect on a loop",
                        here -> here.client.connect(
                                here.server.localAddress(), here.one.loop(), (connection, bytes) -> {})),
                Named.of("close of a server", here -> here.server.close(LONG)),
                Named.of("relay", here -> Relay.connect(here.one, here.other)),
                Named.of("transferFrom", here -> here.one.transferFrom(here.file, 0, 1)),
                Named.of("acquire", here -> here.pool.acquire(here.server.localAddress(), (connection, bytes) -> {})),
                Named.of("warmUp", here -> here.pool.warmUp(here.server.localAddress())),
                Named.of("close of a pool", here -> here.pool.close(LONG)));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void isAnError(Request request, @TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("sent"), new byte[] {1});
        try (EventLoop loop = EventLoop.builder().direct().build();
                TcpServer server = TcpServer.builder()
                        .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .loop(loop)
                        .handler((connection, bytes) -> {})
                        .start();
                TcpClient client = TcpClient.builder().loop(loop).build();
                ConnectionPool pool = ConnectionPool.builder(client).minIdle(1).build()) {
            loop.start();
            ConnectionHandler handler = (connection, bytes) -> {};
            Connection one = client.connect(server.localAddress(), handler).join(); // on another thread it may wait
            Connection other = client.connect(server.localAddress(), handler).join();
            pool.acquire(server.localAddress(), handler).join(); // so that its close has to wait
            Here here = new Here(server, client, pool, one, other, file);
            CompletableFuture<@Nullable Throwable> thrown = new CompletableFuture<>();
            loop.execute(
                    () -> thrown.complete(catchThrowable(() -> request.in(here).join())));
            assertThat(thrown.join())
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("waiting in the turn of loop");
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void theTurnMayCloseAllThatIsPending(Request request, @TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("sent"), new byte[] {1});
        EventLoop loop = EventLoop.builder().direct().build();
        TcpServer server = TcpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .loop(loop)
                .handler((connection, bytes) -> {})
                .start();
        TcpClient client = TcpClient.builder().loop(loop).build();
        ConnectionPool pool = ConnectionPool.builder(client).minIdle(1).build();
        loop.start();
        ConnectionHandler handler = (connection, bytes) -> {};
        Connection one = client.connect(server.localAddress(), handler).join();
        Connection other = client.connect(server.localAddress(), handler).join();
        pool.acquire(server.localAddress(), handler).join(); // so that its close has to wait
        Here here = new Here(server, client, pool, one, other, file);
        CompletableFuture<CompletableFuture<?>> asked = new CompletableFuture<>();
        loop.execute(() -> asked.complete(request.in(here)));
        CompletableFuture<?> pending = asked.join();
        CompletableFuture<@Nullable Throwable> closed = new CompletableFuture<>();
        loop.execute(() -> closed.complete(catchThrowable(() -> {
            pool.close();
            client.close();
            server.close();
        })));
        assertThat(closed.join()).isNull();
        loop.close();
        assertThat(pending.isDone()).isTrue();
    }

    @Test
    void theLoopsOfAServerAreAllNeededForItsEnd() throws Exception {
        CompletableFuture<TcpServer> started = new CompletableFuture<>();
        CompletableFuture<@Nullable Throwable> thrown = new CompletableFuture<>();
        try (TcpServer server = TcpServer.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .handlers(connection -> {
                    thrown.complete(
                            catchThrowable(() -> started.join().close(LONG).join()));
                    return (same, bytes) -> {};
                })
                .start()) {
            started.complete(server);
            try (SocketChannel client = SocketChannel.open(server.localAddress())) {
                assertThat(thrown.join()).isExactlyInstanceOf(IllegalStateException.class);
                client.shutdownOutput();
                assertThat(server.close(LONG).join()).isTrue();
            }
        }
    }
}
