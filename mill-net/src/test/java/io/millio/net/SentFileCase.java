package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.RateLimiter;
import io.millio.pool.BufferPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A connection that sends files, on a transport whose system sends as the test says. */
@SuppressWarnings("NullAway.Init")
abstract class SentFileCase {
    static final int MEBIBYTE = 1 << 20;

    /** More than sockets buffer when the peer does not read. */
    static final int SIZE = 20_000_000;

    static final int LIMIT_BURST = 50_000;

    @TempDir
    Path folder;

    final FileSendingTransport transport = new FileSendingTransport();
    final Venue venue = new Venue.Sockets(transport);
    final BufferPool pool = BufferPool.builder().build();
    final Recorder there = new Recorder();
    final Recorder here = new Recorder();
    final byte[] content = NetCase.pattern(SIZE);
    Path file;
    TcpServer server;
    TcpClient client;
    Connection connection;

    @BeforeEach
    void connect() throws IOException {
        file = Files.write(folder.resolve("file"), content);
        ConnectionOptions options = ConnectionOptions.DEFAULT.withBuffers(pool);
        server = TcpServer.builder()
                .address(venue.anyAddress())
                .loop(venue.serverLoop())
                .options(options)
                .handler(there)
                .start();
        client = TcpClient.builder().loop(venue.clientLoop()).options(options).build();
        connection = connected(here);
    }

    Connection connected(Recorder handler) {
        return connected(client, server, handler);
    }

    Connection connected(TcpClient by, TcpServer to, Recorder handler) {
        CompletableFuture<Connection> connecting = by.connect(to.localAddress(), handler);
        venue.until("connected", connecting::isDone);
        return connecting.join();
    }

    /** A limit for all, on the clock that stands still until the test moves it. */
    RateLimiter limiter() {
        return RateLimiter.builder()
                .rate(1_000_000, Duration.ofSeconds(1))
                .burst(LIMIT_BURST)
                .nanoClock(venue.clientLoop()::nanoTime)
                .build();
    }

    /** A client whose connections write within one limit. */
    TcpClient limited(RateLimiter all) {
        return TcpClient.builder()
                .loop(venue.clientLoop())
                .options(ConnectionOptions.DEFAULT.withBuffers(pool))
                .writeLimit(all)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        venue.close();
        NetCase.eventually("all files are closed", () -> transport.closed.get() == transport.opened.get());
        assertThat(pool.stats().leasedBytes()).isZero();
        assertThat(venue.errors).isEmpty();
    }

    void untilArrived(int bytes) {
        venue.until("arrived", () -> there.received.size() >= bytes);
    }

    /** Until the system takes nothing more, and what it asks the disk for meanwhile has come. */
    void untilBlocked(Connection stopped) {
        venue.until("it is blocked", () -> ((StreamConnection) stopped).is(ConnectionState.BLOCKED));
        venue.settle();
        assertThat(((StreamConnection) stopped).is(ConnectionState.BLOCKED)).isTrue();
    }

    void assertSent(CompletableFuture<Long> sent, int from, int count) {
        untilArrived(count);
        byte[] got = there.received.toByteArray();
        byte[] expected = new byte[count];
        System.arraycopy(content, from, expected, 0, count);
        NetCase.assertBytes(got, expected);
        venue.until("the transfer is completed", sent::isDone);
        assertThat(sent).isCompletedWithValue((long) count);
    }
}
