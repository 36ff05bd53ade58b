package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files among the writes. */
class TransferTest extends NetCase {
    @TempDir
    Path folder;

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();
    private final List<FileChannel> ends = new ArrayList<>();

    private Path fileOf(byte[] content) throws IOException {
        return Files.write(folder.resolve("file"), content);
    }

    private Connection connected() throws IOException {
        serve(there);
        return connect(here);
    }

    private Connection connectedToOneThatReadsNothing() throws IOException {
        there.onOpen = Connection::pauseReading;
        return connected();
    }

    private void untilItGoesOn(Connection connection) {
        connection.write(bytes("goes on"));
        venue.until("received", () -> there.text().equals("goes on"));
    }

    @Test
    void aPartOfAFileArrivesInItsPlace() throws Exception {
        byte[] content = pattern(3_000_000);
        Path file = fileOf(content);
        Connection connection = connected();

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
    void aFileDoesNotWaitForLongComputationsOfTheProgram() throws Exception {
        try (BusyPool busy = new BusyPool()) {
            venue.loops(EventLoop.builder().direct().computePool(busy.pool));
            Connection connection = connected();
            busy.occupy();
            CompletableFuture<Long> sent = connection.transferFrom(fileOf(pattern(1_000)), 0, 1_000);
            venue.until("sent", sent::isDone);
            assertThat(sent).isCompletedWithValue(1_000L);
            assertThat(busy.isOccupied()).isTrue();
        }
    }

    @Test
    void aFileThatEndsEarlyIsSentAsFarAsItGoes() throws Exception {
        Path file = fileOf(pattern(700_000));
        Connection connection = connected();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, Long.MAX_VALUE);
        venue.until("sent", sent::isDone);

        assertThat(sent).isCompletedWithValue(700_000L);
        venue.until("arrived", () -> there.received.size() == 700_000);
        assertThat(connection.queuedBytes()).isZero();
    }

    @Test
    void aFileThatIsNotThereFailsTheFutureAndLeavesTheConnection() throws Exception {
        Connection connection = connected();

        CompletableFuture<Long> sent = connection.transferFrom(folder.resolve("none"), 0, 10);
        venue.until("failed", sent::isDone);
        untilItGoesOn(connection);

        assertThat(failureOf(sent)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileIsCheckedWhenItIsOpenAndStaysTheOneThatWasOpened() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "first");
        Path second = Files.writeString(folder.resolve("second"), "other");
        Connection connection = connected();

        CompletableFuture<Long> sent = connection.transferFrom(
                file, 0, 5, opened -> Files.move(second, opened, StandardCopyOption.REPLACE_EXISTING));
        venue.until("received", () -> there.text().equals("first"));
        venue.until("sent", sent::isDone);

        assertThat(sent).isCompletedWithValue(5L);
    }

    @Test
    void nothingIsSentOfAFileThatFailsItsCheck() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "first");
        Connection connection = connected();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 5, opened -> {
            throw new IOException("not this one: " + opened);
        });
        venue.until("failed", sent::isDone);
        untilItGoesOn(connection);

        assertThat(failureOf(sent)).isInstanceOf(IOException.class).hasMessageContaining("not this one");
        untilClosed(file);
    }

    @Test
    void aSlowPeerKeepsTwoSlicesInMemoryAndAnAbortCancels() throws Exception {
        Path file = fileOf(new byte[32 << 20]);
        Connection connection = connectedToOneThatReadsNothing();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 32 << 20);
        boolean bySystem = kind == Venue.Kind.EPOLL; // which has the slices then
        // The system may take more once it was full, so that for a moment nothing waits and the next slice is being
        // read.
        venue.until("it is blocked", () -> isBlocked(connection) && (bySystem || connection.queuedBytes() > 0));
        venue.settle();
        if (bySystem) {
            assertThat(connection.queuedBytes()).isZero();
            assertThat(pool.stats().leasedBytes()).isZero();
        } else {
            assertThat(connection.queuedBytes()).isLessThanOrEqualTo(512L * 1024);
        }
        connection.abort();
        venue.until("closed", here::isClosed);

        venue.until("ended", sent::isDone);
        assertThat(sent).isCancelled();
        venue.until("buffers are back", () -> pool.stats().leasedBytes() == 0);
        assertThat(connection.queuedBytes()).isZero();
        untilClosed(file);
    }

    private static boolean isBlocked(Connection connection) {
        return ((StreamConnection) connection).is(ConnectionState.BLOCKED);
    }

    /** Waits until this process has no descriptor of a file, on systems that have /proc. */
    private void untilClosed(Path file) {
        venue.until("no descriptor is left", () -> isClosed(file));
    }

    private static boolean isClosed(Path file) {
        Path descriptors = Path.of("/proc/self/fd");
        try (Stream<Path> all = Files.exists(descriptors) ? Files.list(descriptors) : Stream.empty()) {
            Path real = file.toRealPath();
            return all.noneMatch(each -> isLinkTo(each, real));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isLinkTo(Path link, Path real) {
        try {
            return Files.readSymbolicLink(link).equals(real);
        } catch (IOException e) {
            return false; // closed since it was listed
        }
    }

    @Test
    void aPeerThatReadsSlowlyGetsEveryByteOfALargeFile() throws Exception {
        byte[] content = pattern(12_000_000);
        Path file = fileOf(content);
        there.onOpen = Connection::pauseReading;
        there.onData = (from, bytes) -> {
            there.takeAll(from, bytes);
            from.pauseReading();
        };
        Connection connection = connected();

        venue.until("accepted", () -> there.connection != null);
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        venue.until("arrived", () -> {
            venue.advance(Duration.ofMillis(50)); // so that a slice has waited for long now and then
            there.connection().resumeReading();
            return there.received.size() >= content.length;
        });

        assertBytes(there.received.toByteArray(), content);
        venue.until("the transfer is completed", sent::isDone);
        assertThat(sent).isCompletedWithValue(12_000_000L);
        untilClosed(file);
    }

    @Test
    void writesAndFilesArriveInTheOrderOfTheCalls() throws Exception {
        byte[] content = pattern(1_500_000);
        Path file = fileOf(content);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Connection connection = connected();

        List<CompletableFuture<Long>> sent = new ArrayList<>();
        inClientLoop(() -> {
            for (int round = 0; round < 5; round++) {
                connection.write(bytes("text " + round));
                expected.writeBytes(("text " + round).getBytes(StandardCharsets.ISO_8859_1));
                sent.add(connection.transferFrom(file, round, round * 300_000L));
                expected.write(content, round, round * 300_000);
                connection.write(ByteBuffer.wrap(content, 0, 40_000));
                expected.write(content, 0, 40_000);
                sent.add(connection.transferFrom(file, 1_400_000, 100));
                expected.write(content, 1_400_000, 100);
            }
        });
        venue.until("arrived", () -> there.received.size() >= expected.size());

        assertBytes(there.received.toByteArray(), expected.toByteArray());
        venue.until("the transfers are completed", () -> sent.stream().allMatch(CompletableFuture::isDone));
        assertThat(sent).allSatisfy(each -> assertThat(each).isCompleted());
        assertThat(connection.queuedBytes()).isZero();
        untilClosed(file);
    }

    @Test
    void nothingOfAFileIsSentAtOnce() throws Exception {
        Path file = fileOf(pattern(10));
        Connection connection = connected();

        CompletableFuture<Long> none = connection.transferFrom(file, 5, 0);
        CompletableFuture<Long> behind = connection.transferFrom(file, 11, 5);
        CompletableFuture<Long> far = connection.transferFrom(file, 1L << 40, 5);
        connection.write(bytes("."));
        venue.until("arrived", () -> there.text().equals("."));

        venue.until("the transfers are completed", () -> none.isDone() && behind.isDone() && far.isDone());
        assertThat(List.of(none, behind, far))
                .allSatisfy(each -> assertThat(each).isCompletedWithValue(0L));
        untilClosed(file);
    }

    @Test
    void aFileThatShrinksMeanwhileEndsEarlyAndTheConnectionGoesOn() throws Exception {
        Path file = fileOf(new byte[32 << 20]);
        Connection connection = connectedToOneThatReadsNothing();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 32 << 20);
        connection.write(bytes("."));
        venue.until("it is blocked", () -> isBlocked(connection));
        venue.settle();
        try (FileChannel shorter = FileChannel.open(file, StandardOpenOption.WRITE)) {
            shorter.truncate(1_000);
        }
        there.connection().resumeReading();
        venue.until("the transfer is completed", sent::isDone);

        long count = sent.join();
        assertThat(count).isBetween(1_000L, (32L << 20) - 1);
        venue.until("arrived", () -> there.received.size() > count);
        assertThat(there.received.size()).isEqualTo((int) count + 1);
        assertThat(there.received.toByteArray()[(int) count]).isEqualTo((byte) '.');
        assertThat(connection.queuedBytes()).isZero();
        untilClosed(file);
    }

    @Test
    void whatIsNoFileFailsTheFutureAndLeavesTheConnection() throws Exception {
        Connection connection = connected();

        CompletableFuture<Long> directory = connection.transferFrom(folder, 0, 10);
        CompletableFuture<Long> pipe = connection.transferFrom(openPipe(), 0, 10);
        venue.until("failed", () -> directory.isDone() && pipe.isDone());
        untilItGoesOn(connection);

        assertThat(failureOf(directory)).isInstanceOf(IOException.class);
        assertThat(failureOf(pipe)).isInstanceOf(IOException.class);
        untilClosed(folder);
    }

    @AfterEach
    void closePipes() throws IOException {
        for (FileChannel each : ends) {
            each.close();
        }
    }

    /** A pipe whose other end is open, so that opening it does not block; a directory on systems without mkfifo. */
    private Path openPipe() throws IOException, InterruptedException {
        Path make = Path.of("/usr/bin/mkfifo");
        if (!Files.isExecutable(make)) {
            return folder;
        }
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder(make.toString(), pipe.toString()).start().waitFor())
                .isZero();
        // Opened for reading and writing, so that opening it does not block, and kept open for the whole test.
        ends.add(FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE));
        return pipe;
    }

    @Test
    void aPeerThatTakesNothingMoreIsAWriteStall() throws Exception {
        options = options.withWriteStallTimeout(Duration.ofSeconds(3));
        Path file = fileOf(new byte[32 << 20]);
        Connection connection = connectedToOneThatReadsNothing();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 32 << 20);
        venue.until("it is blocked", () -> isBlocked(connection));
        venue.settle();
        venue.advance(Duration.ofSeconds(4));
        venue.until("closed", here::isClosed);

        assertThat(here.cause).isEqualTo(CloseCause.WRITE_STALL);
        venue.until("the transfer is completed", sent::isDone);
        assertThat(sent).isCancelled();
        untilClosed(file);
    }

    @Test
    void aConnectionThatEndsWhileASliceIsReadGivesItsBufferBack() throws Exception {
        Path file = fileOf(pattern(700_000));
        Connection connection = connected();
        CountDownLatch open = new CountDownLatch(1);
        CountDownLatch disk = new CountDownLatch(1);
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 700_000, opened -> {
            open.countDown();
            await(disk);
        });
        venue.until("the file is open", () -> open.getCount() == 0);

        connection.abort();
        venue.until("the transfer is completed", sent::isDone);
        disk.countDown(); // and the slice is read all the same

        untilClosed(file);
        assertThat(sent).isCancelled();
        venue.until("its buffer is back", () -> pool.stats().leasedBytes() == 0);
        assertThat(connection.queuedBytes()).isZero();
    }

    @Test
    void aLoopThatClosesAmidATransferLeavesNoDescriptor() throws Exception {
        Path file = fileOf(new byte[4 << 20]);
        Connection connection = connected();

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, 4 << 20);
        venue.clientLoop().runOnce();
        venue.clientLoop().close();

        assertThat(sent).isDone();
        eventually("no descriptor is left", () -> isClosed(file));
    }
}
