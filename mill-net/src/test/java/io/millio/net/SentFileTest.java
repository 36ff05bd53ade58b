package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.net.FileSendingTransport.Part;
import io.millio.net.tls.Certificates;
import io.millio.task.ComputePool;
import io.millio.task.Priority;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A file that the system sends by itself, with a system that does what the test says. */
class SentFileTest extends SentFileCase {
    @Test
    void whatTheSystemTakesInPartsGoesOnWhereItStopped() {
        transport.mostBytes = 77_777;

        CompletableFuture<Long> sent = connection.transferFrom(file, 999, 2_900_000);

        assertSent(sent, 999, 2_900_000);
        assertThat(transport.opened).hasValue(1);
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

        venue.until("the transfer is completed", sent::isDone);
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

        venue.until("the transfer is completed", sent::isDone);
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
        venue.until("the transfer is completed", sent::isDone);
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
            // All threads of the pool: one for each processor, and the one for tasks of high priority.
            for (int i = 0; i <= Runtime.getRuntime().availableProcessors(); i++) {
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

            venue.until("the transfer is completed", sent::isDone);
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
        assertThat(stopped.write(NetCase.bytes("behind"))).isEqualTo(WriteResult.CONTINUE);
        assertThat(stopped.queuedBytes()).isEqualTo(6);
        there.connection().resumeReading();
        untilArrived(content.length + 6);
        venue.until("the transfer is completed", sent::isDone);
        assertThat(stopped.queuedBytes()).isZero();
    }
}
