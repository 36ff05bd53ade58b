package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.limit.RateLimiter;
import io.millio.net.FileSendingTransport.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A file that the system sends by itself, within a limit of bytes a second. */
class SentFileLimitTest extends SentFileCase {
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

            venue.until("the transfer is completed", sent::isDone);
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
            venue.until("the transfer is completed", sent::isDone);

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
            venue.until("the transfer is completed", () -> {
                venue.advance(Duration.ofMillis(1));
                return sent.isDone();
            });

            assertThat(transport.sent).containsExactly(new Part(0, 1_000)); // in one turn
        }
    }
}
