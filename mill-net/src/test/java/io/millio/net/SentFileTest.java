package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.RateLimiter;
import io.millio.net.FileSendingTransport.Part;
import io.millio.net.tls.Certificates;
import io.millio.pool.BufferPool;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that the system sends by itself, with a system that does what the test says. */
@SuppressWarnings("NullAway.Init")
class SentFileTest {
    private static final int MEBIBYTE = 1 << 20;

    /** More than sockets take when nobody reads. */
    private static final int SIZE = 20_000_000;

    private static final int LIMIT_BURST = 50_000;

    @TempDir
    Path folder;

    private final FileSendingTransport transport = new FileSendingTransport();
    private final Venue venue = new Venue.Sockets(transport);
    private final BufferPool pool = BufferPool.builder().build();
    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();
    private final byte[] content = NetCase.pattern(SIZE);
    private Path file;
    private TcpServer server;
    private TcpClient client;
    private Connection connection;

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

    private Connection connected(Recorder handler) {
        return connected(client, server, handler);
    }

    private Connection connected(TcpClient by, TcpServer to, Recorder handler) {
        CompletableFuture<Connection> connecting = by.connect(to.localAddress(), handler);
        venue.until("connected", connecting::isDone);
        return connecting.join();
    }

    /** A limit for all, on the clock that stands still until the test moves it. */
    private RateLimiter limiter() {
        return RateLimiter.builder()
                .rate(1_000_000, Duration.ofSeconds(1))
                .burst(LIMIT_BURST)
                .nanoClock(venue.clientLoop()::nanoTime)
                .build();
    }

    /** A client whose connections write within one limit. */
    private TcpClient limited(RateLimiter all) {
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

    private void untilArrived(int bytes) {
        venue.until("arrived", () -> there.received.size() >= bytes);
    }

    /** Until the system takes nothing more, and what it asks the disk for meanwhile has come. */
    private void untilBlocked(Connection stopped) {
        venue.until("it is blocked", () -> ((StreamConnection) stopped).is(ConnectionState.BLOCKED));
        venue.settle();
        assertThat(((StreamConnection) stopped).is(ConnectionState.BLOCKED)).isTrue();
    }

    private void assertSent(CompletableFuture<Long> sent, int from, int count) {
        untilArrived(count);
        byte[] got = there.received.toByteArray();
        byte[] expected = new byte[count];
        System.arraycopy(content, from, expected, 0, count);
        NetCase.assertBytes(got, expected);
        venue.until("told", sent::isDone);
        assertThat(sent).isCompletedWithValue((long) count);
    }

    @Test
    void whatTheSystemTakesInPartsGoesOnWhereItStopped() {
        transport.mostBytes = 77_777;

        CompletableFuture<Long> sent = connection.transferFrom(file, 999, 2_900_000);

        assertSent(sent, 999, 2_900_000);
        assertThat(transport.opened).hasValue(1);
    }

    @Test
    void aLimitCountsWhatTheSystemHasTakenAndNotWhatItWasOffered() {
        transport.mostBytes = 1_000;
        ConnectionOptions limited = ConnectionOptions.DEFAULT.withBuffers(pool).withWriteRate(1_000_000, 50_000);
        try (TcpClient other =
                TcpClient.builder().loop(venue.clientLoop()).options(limited).build()) {
            Connection slow = connected(other, server, new Recorder());

            CompletableFuture<Long> sent = slow.transferFrom(file, 0, 200_000);
            venue.until("arrived", () -> {
                venue.advance(Duration.ofMillis(1));
                return there.received.size() >= 200_000;
            });

            assertSent(sent, 0, 200_000);
            assertThat(transport.sent).anyMatch(part -> part.count() > transport.mostBytes);
            assertThat(slow.writeLimitStats().bytes()).isEqualTo(200_000);
        }
    }

    @Test
    void whatTheSystemDoesNotTakeOfAPartIsGivenBackToTheLimit() {
        transport.mostBytes = 1_000;
        RateLimiter all = limiter();
        try (TcpClient other = limited(all)) {
            CompletableFuture<Long> sent =
                    connected(other, server, new Recorder()).transferFrom(file, 0, 3_000);

            assertSent(sent, 0, 3_000);
            assertThat(transport.sent.get(0)).isEqualTo(new Part(0, 3_000));
            assertThat(all.available()).isEqualTo(LIMIT_BURST - 3_000);
        }
    }

    @Test
    void aSendThatFailsTakesNothingOfTheLimit() {
        IOException broken = new IOException("broken disk");
        transport.onSend = (position, count) -> {
            throw broken;
        };
        Recorder failing = new Recorder();
        RateLimiter all = limiter();
        try (TcpClient other = limited(all)) {
            CompletableFuture<Long> sent = connected(other, server, failing).transferFrom(file, 0, 3_000);
            venue.until("closed", failing::isClosed);

            venue.until("told", sent::isDone);
            assertThat(failing.failure).isSameAs(broken);
            assertThat(all.available()).isEqualTo(LIMIT_BURST);
        }
    }

    @Test
    void aFileThatHasEndedMeanwhileTakesNothingOfTheLimit() {
        transport.onSend = (position, count) -> Files.write(file, new byte[0]);
        RateLimiter all = limiter();
        try (TcpClient other = limited(all)) {
            CompletableFuture<Long> sent =
                    connected(other, server, new Recorder()).transferFrom(file, 0, 3_000);
            venue.until("told", sent::isDone);

            assertThat(sent).isCompletedWithValue(0L);
            assertThat(all.available()).isEqualTo(LIMIT_BURST);
        }
    }

    @Test
    void aFileTakesItsPlaceInTheLineOfALimitWhenThereIsSomethingToSend() {
        RateLimiter all = limiter();
        try (TcpClient other = limited(all)) {
            Connection before = connected(other, server, new Recorder());
            Connection behind = connected(other, server, new Recorder());
            before.write(ByteBuffer.allocate(3 * LIMIT_BURST));
            venue.until("it waits", () -> other.writeLimitStats().waits() == 1);
            CountDownLatch disk = new CountDownLatch(1);
            transport.onPrefetch = (position, count) -> NetCase.await(disk);

            CompletableFuture<Long> sent = behind.transferFrom(file, 0, 1_000);
            venue.until("it is fetched", () -> transport.opened.get() == 1);
            venue.settle();
            assertThat(other.writeLimitStats().waits()).isEqualTo(1);
            disk.countDown();
            venue.until("told", () -> {
                venue.advance(Duration.ofMillis(1));
                return sent.isDone();
            });

            assertThat(transport.sent).containsExactly(new Part(0, 1_000)); // in one turn
        }
    }

    @Test
    void nothingIsSentThatWasNotFetchedBefore() {
        transport.onSend = (position, count) ->
                assertThat(transport.prefetched).anyMatch(part -> part.contains(new Part(position, count)));

        CompletableFuture<Long> sent = connection.transferFrom(file, SIZE - 2_500_000, Long.MAX_VALUE);

        assertSent(sent, SIZE - 2_500_000, 2_500_000);
        assertThat(transport.prefetched)
                .containsExactly(
                        new Part(SIZE - 2_500_000, MEBIBYTE),
                        new Part(SIZE - 2_500_000 + MEBIBYTE, MEBIBYTE),
                        new Part(SIZE - 2_500_000 + 2 * MEBIBYTE, MEBIBYTE));
    }

    @Test
    void whatHasWaitedForLongIsFetchedAgainBeforeItIsSent() {
        there.onOpen = Connection::pauseReading;
        Connection stopped = connected(new Recorder());
        CompletableFuture<Long> sent = stopped.transferFrom(file, 0, content.length);
        untilBlocked(stopped);
        transport.prefetched.clear();
        venue.advance(Duration.ofSeconds(2));
        transport.onSend = (position, count) ->
                assertThat(transport.prefetched).anyMatch(part -> part.contains(new Part(position, count)));

        there.connection().resumeReading();

        assertSent(sent, 0, content.length);
        assertThat(transport.prefetched).isNotEmpty();
    }

    @Test
    void aLoopThatIsAlwaysLateSendsAllTheSame() {
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 5_000_000);
        venue.until("arrived", () -> {
            venue.advance(Duration.ofSeconds(2));
            return there.received.size() >= 5_000_000;
        });

        assertSent(sent, 0, 5_000_000);
        assertThat(transport.prefetched.size()).isLessThanOrEqualTo(2 * (5 + transport.sent.size()));
    }

    @Test
    void aDiskThatIsSlowDoesNotStopTheLoop() {
        CountDownLatch disk = new CountDownLatch(1);
        transport.onPrefetch = (position, count) -> NetCase.await(disk);
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 1_000_000);
        venue.until("the file is open", () -> transport.opened.get() == 1);

        Recorder other = new Recorder();
        there.onData = (from, bytes) -> {
            ByteBuffer copy = bytes.duplicate();
            there.takeAll(from, bytes);
            if (copy.remaining() == 5) {
                from.write(copy);
            }
        };
        connected(other).write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.ISO_8859_1)));
        venue.until("the other one is answered", () -> other.text().equals("hello"));
        assertThat(sent).isNotDone();
        there.received.reset();
        disk.countDown();

        assertSent(sent, 0, 1_000_000);
    }

    @Test
    void aFileThatCantBeSentAfterAllIsCopied() {
        transport.onPrefetch = (position, count) -> {
            throw new UnsupportedOperationException("not this one");
        };

        CompletableFuture<Long> sent = connection.transferFrom(file, 10, 2_000_000);

        assertSent(sent, 10, 2_000_000);
        assertThat(transport.sent).isEmpty();
        assertThat(connection.queuedBytes()).isZero();
    }

    @Test
    void whatCantBeFetchedAnyMoreIsCopiedBehindWhatWasSent() {
        transport.onPrefetch = (position, count) -> {
            if (position > 0) {
                throw new UnsupportedOperationException("no further");
            }
        };
        transport.mostBytes = 10_000;

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);

        assertSent(sent, 0, content.length);
    }

    @Test
    void whatCantBeSentAnyMoreIsCopiedFromWhereItStopped() {
        transport.mostBytes = 123_456;
        transport.onSend = (position, count) -> {
            if (position > 1_500_000) {
                throw new UnsupportedOperationException("no further");
            }
        };

        CompletableFuture<Long> sent = connection.transferFrom(file, 1, 2_900_000);

        assertSent(sent, 1, 2_900_000);
        assertThat(transport.sent).isNotEmpty();
        assertThat(connection.queuedBytes()).isZero();
    }

    @Test
    void aDiskThatFailsAtOnceFailsTheFutureAndLeavesTheConnection() {
        IOException broken = new IOException("broken disk");
        transport.onPrefetch = (position, count) -> {
            throw broken;
        };

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 10);
        venue.until("failed", sent::isDone);
        connection.write(NetCase.bytes("goes on"));
        venue.until("received", () -> there.text().equals("goes on"));

        assertThat(NetCase.failureOf(sent)).isSameAs(broken);
    }

    @Test
    void aDiskThatFailsLaterClosesTheConnection() {
        IOException broken = new IOException("broken disk");
        transport.onPrefetch = (position, count) -> {
            if (position > 0) {
                throw broken;
            }
        };

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        venue.until("closed", here::isClosed);

        venue.until("told", sent::isDone);
        assertThat(NetCase.failureOf(sent)).isSameAs(broken);
        assertThat(here.cause).isEqualTo(CloseCause.FAILED);
        assertThat(here.failure).isSameAs(broken);
    }

    @Test
    void aFileThatIsShorterThanFetchedEndsThere() {
        AtomicInteger calls = new AtomicInteger();
        transport.mostBytes = 0;
        transport.onSend = (position, count) -> {
            if (calls.getAndIncrement() == 0) {
                Files.write(file, new byte[0]);
            }
        };

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        connection.write(NetCase.bytes("goes on"));
        venue.until("received", () -> there.text().equals("goes on"));

        venue.until("told", sent::isDone);
        assertThat(sent).isCompletedWithValue(0L);
        assertThat(calls).hasValue(1);
    }

    @Test
    void aConnectionThatEndsWhileItsFileIsFetchedLeavesNoneOpen() {
        CountDownLatch disk = new CountDownLatch(1);
        transport.onPrefetch = (position, count) -> NetCase.await(disk);
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 1_000_000);
        venue.until("the file is open", () -> transport.opened.get() == 1);

        connection.abort();
        venue.until("told", sent::isDone);
        assertThat(transport.closed).hasValue(0); // the fetch has it still
        disk.countDown();

        venue.until("closed", () -> transport.closed.get() == 1);
        assertThat(sent).isCancelled();
    }

    @Test
    void aLoopThatClosesWhileAFileIsFetchedLeavesNoneOpen() {
        CountDownLatch disk = new CountDownLatch(1);
        transport.onPrefetch = (position, count) -> NetCase.await(disk);
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 1_000_000);
        venue.until("the file is open", () -> transport.opened.get() == 1);

        here.onClose = closed -> disk.countDown(); // the close may wait for what has begun
        venue.clientLoop().close();

        assertThat(sent).isCancelled();
    }

    @Test
    void aLoopThatClosesBeforeASentFileIsClosedLeavesNoneOpen() {
        CountDownLatch busy = new CountDownLatch(1);
        ComputePool computePool = venue.clientLoop().computePool();
        transport.onSend = (position, count) -> {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) { // a thread each
                CompletableFuture<?> unused = computePool.compute(Priority.HIGH, () -> {
                    NetCase.await(busy);
                    return null;
                });
            }
        };
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 1_000);
        assertSent(sent, 0, 1_000);

        venue.clientLoop().close();

        assertThat(transport.closed).hasValue(1); // by the loop: the pool has not come to it
        busy.countDown();
    }

    @Test
    void behindTlsTheSystemSendsNothingByItself() throws IOException {
        Recorder secret = new Recorder();
        try (TcpServer encrypted = TcpServer.builder()
                        .address(venue.anyAddress())
                        .loop(venue.serverLoop())
                        .tls(Certificates.server().build())
                        .handler(secret)
                        .start();
                TcpClient other = TcpClient.builder()
                        .loop(venue.clientLoop())
                        .tls(Certificates.client().build())
                        .build()) {
            Connection hidden = connected(other, encrypted, new Recorder());

            CompletableFuture<Long> sent = hidden.transferFrom(file, 0, 1_000_000);
            venue.until("arrived", () -> secret.received.size() >= 1_000_000);

            venue.until("told", sent::isDone);
            assertThat(transport.opened).hasValue(0);
            assertThat(Arrays.mismatch(secret.received.toByteArray(), content)).isEqualTo(1_000_000);
        }
    }

    @Test
    void whatTheSystemSendsDoesNotCountAsQueued() {
        there.onOpen = Connection::pauseReading;
        Connection stopped = connected(new Recorder());
        CompletableFuture<Long> sent = stopped.transferFrom(file, 0, content.length);
        untilBlocked(stopped);

        assertThat(stopped.queuedBytes()).isZero();
        assertThat(pool.stats().leasedBytes()).isZero();
        assertThat(stopped.write(NetCase.bytes("behind"))).isTrue();
        assertThat(stopped.queuedBytes()).isEqualTo(6);
        there.connection().resumeReading();
        untilArrived(content.length + 6);
        venue.until("told", sent::isDone);
        assertThat(stopped.queuedBytes()).isZero();
    }
}
