package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files among the writes. */
class TransferTest extends NetCase {
    @TempDir
    Path folder;

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();

    @Test
    void aPartOfAFileArrivesInItsPlace() throws Exception {
        byte[] content = pattern(3_000_000);
        Path file = Files.write(folder.resolve("file"), content);
        serve(there);
        Connection connection = connect(here);

        connection.write(bytes("<"));
        CompletableFuture<Long> sent = connection.transferFrom(file, 1_000, 2_500_000);
        connection.write(bytes(">"));
        connection.close();
        venue.until("both are closed", () -> there.isClosed() && here.isClosed());

        assertThat(sent).isCompletedWithValue(2_500_000L);
        byte[] got = there.received.toByteArray();
        assertThat(got).hasSize(2_500_002);
        assertBytes(Arrays.copyOfRange(got, 1, 2_500_001), Arrays.copyOfRange(content, 1_000, 2_501_000));
        assertThat(got[0]).isEqualTo((byte) '<');
        assertThat(got[2_500_001]).isEqualTo((byte) '>');
    }

    @Test
    void aFileThatEndsEarlyIsSentAsFarAsItGoes() throws Exception {
        Path file = Files.write(folder.resolve("file"), pattern(700_000));
        serve(there);
        Connection connection = connect(here);

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, Long.MAX_VALUE);
        venue.until("sent", sent::isDone);

        assertThat(sent).isCompletedWithValue(700_000L);
        venue.until("arrived", () -> there.received.size() == 700_000);
        assertThat(connection.queuedBytes()).isZero();
    }

    @Test
    void aFileThatIsNotThereFailsTheFutureAndLeavesTheConnection() throws Exception {
        serve(there);
        Connection connection = connect(here);

        CompletableFuture<Long> sent = connection.transferFrom(folder.resolve("none"), 0, 10);
        venue.until("failed", sent::isDone);
        connection.write(bytes("goes on"));
        venue.until("received", () -> there.text().equals("goes on"));

        assertThat(failureOf(sent)).isInstanceOf(IOException.class);
    }

    @Test
    void aSlowPeerKeepsTwoSlicesInMemoryAndAnAbortCancels() throws Exception {
        there.onOpen = Connection::pauseReading;
        Path file = Files.write(folder.resolve("file"), new byte[32 << 20]);
        serve(there);
        Connection connection = connect(here);

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 32 << 20);
        venue.until("some is queued", () -> connection.queuedBytes() > 0);
        venue.settle();
        assertThat(connection.queuedBytes()).isLessThanOrEqualTo(512 * 1024);
        connection.abort();
        venue.until("closed", here::isClosed);

        venue.until("ended", sent::isDone);
        assertThat(sent).isCancelled();
        venue.until("buffers are back", () -> pool.stats().leasedBytes() == 0);
    }
}
