package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connection promises holds under limits of bytes a second, too. */
class ShapedConnectionTest extends NetCase {
    private static final int SECOND_MILLIS = 1000;

    private final Recorder there = new Recorder();
    private final Recorder here = new Recorder();
    private long millis;

    /** A connection whose server reads, and whose client writes, with these options. */
    private Connection connected(ConnectionOptions reading, ConnectionOptions writing) throws Exception {
        options = reading.withBuffers(pool);
        serve(there);
        options = writing.withBuffers(pool);
        Connection connection = connect(here);
        venue.until("accepted", () -> there.connection != null);
        return connection;
    }

    /** Lets time pass until something has happened; returns how many milliseconds that took. */
    private long flow(String until, BooleanSupplier condition) {
        long begin = millis;
        long start = System.nanoTime(); // files are read beside the loop, in the time of the world
        while (!condition.getAsBoolean()) {
            if (millis - begin > 100 * SECOND_MILLIS && System.nanoTime() - start > 20_000_000_000L) {
                throw new AssertionError("waited in vain until " + until);
            }
            pass(1);
        }
        return millis - begin;
    }

    private void pass(int time) {
        for (int i = 0; i < time; i++) {
            venue.advance(Duration.ofMillis(1));
            venue.step();
            venue.step();
            millis++;
        }
    }

    private static ConnectionOptions reads(long rate, long burst) {
        return ConnectionOptions.DEFAULT.withReadRate(rate, burst);
    }

    private static ConnectionOptions writes(long rate, long burst) {
        return ConnectionOptions.DEFAULT.withWriteRate(rate, burst);
    }

    @Test
    void writesOfAllKindsKeepTheirOrder(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), pattern(300_000));
        Connection connection = connected(reads(700_000, 20_000), writes(500_000, 20_000));
        Random random = new Random(7);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        List<CompletableFuture<Long>> files = new ArrayList<>();
        int[] completed = new int[1];
        int lent = 0;
        for (int round = 0; round < 60; round++) {
            byte[] piece = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 70_000 : 300)];
            random.nextBytes(piece);
            switch (random.nextInt(4)) {
                case 0 -> inClientLoop(() -> connection.write(ByteBuffer.wrap(piece)));
                case 1 -> connection.write(ByteBuffer.wrap(piece));
                case 2 -> {
                    lent++;
                    connection.write(ByteBuffer.wrap(piece), (to, buffer, failure) -> completed[0]++);
                }
                default -> {
                    byte[] part = pattern(300_000);
                    int from = random.nextInt(250_000);
                    int count = Math.min(piece.length, 50_000);
                    files.add(connection.transferFrom(file, from, count));
                    System.arraycopy(part, from, piece, 0, count);
                    sent.write(piece, 0, count);
                    continue;
                }
            }
            sent.write(piece, 0, piece.length);
            pass(random.nextInt(20));
        }
        flow("all has arrived", () -> there.received.size() == sent.size());

        assertBytes(there.received.toByteArray(), sent.toByteArray());
        assertThat(completed[0]).isEqualTo(lent);
        venue.until("the transfers are completed", () -> files.stream().allMatch(CompletableFuture::isDone));
        assertThat(files).allSatisfy(each -> assertThat(each).isCompleted());
        assertThat(connection.queuedBytes()).isZero();
        assertThat(connection.writeLimitStats().bytes()).isEqualTo(sent.size());
        assertThat(there.connection().readLimitStats().bytes()).isEqualTo(sent.size());
    }

    @Test
    void aLimitHoldsForAFile(@TempDir Path folder) throws Exception {
        byte[] content = pattern(500_000);
        Path file = Files.write(folder.resolve("file"), content);
        Connection connection = connected(ConnectionOptions.DEFAULT, writes(100_000, 10_000));

        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        long took = flow("all has arrived", () -> there.received.size() == content.length);

        assertBytes(there.received.toByteArray(), content);
        assertThat(took).isGreaterThanOrEqualTo(4_900);
        venue.until("the transfer is completed", sent::isDone);
        assertThat(sent).isCompletedWithValue(500_000L);
        assertThat(connection.writeLimitStats().bytes()).isEqualTo(500_000);
        pass(SECOND_MILLIS);
        assertThat(Objects.requireNonNull(connection.writeLimiter()).available())
                .as("permits given back")
                .isEqualTo(10_000);
    }

    @Test
    void aCallbackThatWritesMoreThanTheLimitKeepsTheOrder() throws Exception {
        byte[] content = pattern(200_000);
        here.onOpen = connection -> {
            for (int at = 0; at < content.length; at += 400) {
                connection.write(ByteBuffer.wrap(content, at, 400));
            }
        };
        connected(ConnectionOptions.DEFAULT, writes(1_000_000, 10_000));

        flow("all has arrived", () -> there.received.size() == content.length);

        assertBytes(there.received.toByteArray(), content);
    }

    @Test
    void heldBackItDoesNotTurnTheLoopAndReadsNothing() throws Exception {
        Connection connection = connected(reads(1_000, 100), writes(1_000, 1_000));
        connection.write(ByteBuffer.allocate(50_000));
        flow(
                "it is held on both sides",
                () -> there.connection().readLimitStats().waits() > 0
                        && connection.writeLimitStats().waits() > 0);
        venue.settle();
        int received = there.received.size();
        long events =
                venue.clientLoop().stats().events() + venue.serverLoop().stats().events();
        long tasks =
                venue.clientLoop().stats().tasks() + venue.serverLoop().stats().tasks();

        venue.settle();

        assertThat(venue.clientLoop().stats().events()
                        + venue.serverLoop().stats().events())
                .isEqualTo(events);
        assertThat(venue.clientLoop().stats().tasks()
                        + venue.serverLoop().stats().tasks())
                .isEqualTo(tasks);
        assertThat(there.received.size()).isEqualTo(received);
    }

    @Test
    void whatThePeerSentBeforeItClosedIsAllDeliveredAtTheRateAndThenTheEnd() throws Exception {
        Connection connection = connected(reads(10_000, 1_000), ConnectionOptions.DEFAULT);
        byte[] content = pattern(50_000);
        connection.write(ByteBuffer.wrap(content));
        connection.close();

        long took = flow("the end is reported", there::isClosed);

        assertBytes(there.received.toByteArray(), content);
        assertThat(there.callbacks).containsSubsequence("data", "inputClosed", "close");
        assertThat(there.cause).isEqualTo(CloseCause.PEER);
        // Data that is read ahead to detect the end may be delivered early: at most one buffer of it.
        assertThat(took).isLessThan(5_200);
    }

    @Test
    void aResetOfThePeerIsNoticedAtTheLatestWhenItIsReadAgain() throws Exception {
        Connection connection = connected(reads(10_000, 1_000), ConnectionOptions.DEFAULT);
        connection.write(ByteBuffer.allocate(20_000));
        flow("held", () -> there.connection().readLimitStats().waits() > 0);

        connection.abort();
        long took = flow("it has ended", there::isClosed);

        assertThat(took).isLessThan(2_500);
    }

    @Test
    void aPausedConnectionStaysPausedUntilItIsResumed() throws Exception {
        Connection connection = connected(reads(10_000, 1_000), ConnectionOptions.DEFAULT);
        connection.write(ByteBuffer.wrap(pattern(20_000)));
        flow("held", () -> there.connection().readLimitStats().waits() > 3);
        there.connection().pauseReading();
        pass(2);
        int received = there.received.size();

        pass(2 * SECOND_MILLIS);
        assertThat(there.received.size()).isEqualTo(received);
        there.connection().resumeReading();
        long took = flow("all has come", () -> there.received.size() == 20_000);

        assertBytes(there.received.toByteArray(), pattern(20_000));
        assertThat(took).isBetween((20_000L - received - 1_000) / 10 - 60, (20_000L - received) / 10 + 20);
    }

    @Test
    void whatTheHandlerLeavesComesAgainWithTheNextBytesAndIsCountedOnce() throws Exception {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        there.onData = (connection, bytes) -> {
            while (bytes.remaining() >= 1_000) {
                byte[] frame = new byte[1_000];
                bytes.get(frame);
                frames.writeBytes(frame);
            }
        };
        Connection connection = connected(reads(10_000, 300), ConnectionOptions.DEFAULT);
        connection.write(ByteBuffer.wrap(pattern(20_000)));

        long took = flow("all frames", () -> frames.size() == 20_000);

        assertBytes(frames.toByteArray(), pattern(20_000));
        assertThat(took).isBetween(1_900L, 2_020L);
        assertThat(there.connection().readLimitStats().bytes()).isEqualTo(20_000);
    }

    @Test
    void smallMessagesBelowTheRateNeverWait() throws Exception {
        Connection connection = connected(reads(100_000, 50), writes(100_000, 50));
        for (int i = 1; i <= 1_000; i++) {
            connection.write(bytes("0123456789"));
            int expected = 10 * i;
            venue.until("it has come", () -> there.received.size() == expected);
            pass(2);
        }

        assertThat(there.connection().readLimitStats().waits()).isZero();
        assertThat(connection.writeLimitStats().waits()).isZero();
    }

    @Test
    void closeWritesWhatIsQueuedAtTheRate() throws Exception {
        Connection connection = connected(ConnectionOptions.DEFAULT, writes(100_000, 5_000));
        byte[] content = pattern(100_000);
        connection.write(ByteBuffer.wrap(content));
        connection.close();

        long took = flow("both are closed", () -> here.isClosed() && there.isClosed());

        assertThat(took).isBetween(930L, 1_020L);
        assertBytes(there.received.toByteArray(), content);
        assertThat(connection.writeLimitStats().droppedBytes()).isZero();
    }

    @Test
    void whatTheDeadlineOfACloseCutsOffIsFailedAndCounted() throws Exception {
        Connection connection =
                connected(ConnectionOptions.DEFAULT, writes(10_000, 1_000).withMaxCloseTime(Duration.ofSeconds(2)));
        List<Throwable> failures = new ArrayList<>();
        connection.write(ByteBuffer.wrap(pattern(10_000)));
        connection.write(ByteBuffer.wrap(pattern(50_000)), (to, buffer, failure) -> failures.add(failure));
        connection.close();

        flow("it has ended", here::isClosed);

        assertThat(here.cause).isEqualTo(CloseCause.CLOSE_TIMEOUT);
        assertThat(failures).hasSize(1).hasOnlyElementsOfType(CancellationException.class);
        LimitStats stats = connection.writeLimitStats();
        assertThat(stats.bytes() + stats.droppedBytes()).isEqualTo(60_000);
        assertThat(stats.bytes()).isBetween(20_500L, 21_200L);
    }

    @Test
    void aFileMayTakeLongerThanTheMaximumOfAClose(@TempDir Path folder) throws Exception {
        byte[] content = pattern(50_000);
        Path file = Files.write(folder.resolve("file"), content);
        Connection connection =
                connected(ConnectionOptions.DEFAULT, writes(10_000, 1_000).withMaxCloseTime(Duration.ofSeconds(2)));
        CompletableFuture<Long> sent = connection.transferFrom(file, 0, content.length);
        connection.write(ByteBuffer.wrap(pattern(10)));
        connection.close();

        long took = flow("both are closed", () -> here.isClosed() && there.isClosed());

        assertThat(took).isGreaterThan(4_500L); // of simulated time
        assertThat(sent).isCompletedWithValue((long) content.length);
        assertThat(there.received.size()).isEqualTo(content.length + 10);
    }

    @Test
    void watermarksGoByWhatTheLimitHoldsBack() throws Exception {
        boolean[] refused = new boolean[1];
        List<Long> queuedWhenWritable = new ArrayList<>();
        here.onOpen = connection -> {
            int total = 0;
            while (connection.write(ByteBuffer.allocate(500)) == WriteResult.CONTINUE) {
                total += 500;
            }
            refused[0] = total <= 12_000;
        };
        here.onWritable = connection -> queuedWhenWritable.add(connection.queuedBytes());
        Connection connection =
                connected(ConnectionOptions.DEFAULT, writes(10_000, 1_000).withWatermarks(2_000, 10_000));

        long took = flow("writable", () -> !queuedWhenWritable.isEmpty());

        assertThat(refused[0]).isTrue();
        assertThat(queuedWhenWritable.get(0)).isBetween(1_800L, 2_000L);
        assertThat(took).isBetween(700L, 900L);
        flow("all is written", () -> connection.queuedBytes() == 0);
        assertThat(queuedWhenWritable).hasSize(1);
    }

    @Test
    void aWaitForALimitIsNoWriteStall() throws Exception {
        Connection connection =
                connected(ConnectionOptions.DEFAULT, writes(100, 100).withWriteStallTimeout(Duration.ofSeconds(1)));
        Objects.requireNonNull(connection.writeLimiter()).setRate(1, Duration.ofSeconds(20));
        connection.write(ByteBuffer.allocate(500));

        pass(10 * SECOND_MILLIS);

        assertThat(here.isClosed()).isFalse();
        assertThat(connection.queuedBytes()).isGreaterThan(380);
    }

    @Test
    void shutdownOutputComesAfterWhatTheLimitHoldsBack() throws Exception {
        needsHalfClose();
        there.onInputClosed = Recorder.NOTHING;
        Connection connection = connected(ConnectionOptions.DEFAULT, writes(100_000, 2_000));
        connection.write(ByteBuffer.wrap(pattern(20_000)));
        connection.shutdownOutput();

        flow("the end is reported", () -> there.callbacks.contains("inputClosed"));

        assertBytes(there.received.toByteArray(), pattern(20_000));
        there.connection().write(bytes("still"));
        flow("the other way works", () -> here.text().equals("still"));
    }
}
