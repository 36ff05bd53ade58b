package io.millio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.net.frame.FrameDecoder;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.memory.MemoryLevel;
import io.millio.net.memory.MemoryStats;
import io.millio.net.memory.MemoryUse;
import io.millio.testkit.SimHost;
import io.millio.testkit.SimNetwork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server does before its memory budget is exhausted, in simulated time. */
class MemoryPressureTest {
    private static final int MAX = 1_000_000;
    private static final int FLAT = MemoryGuard.CONNECTION_BYTES;
    private static final Duration SHORTLY = Duration.ofMillis(50);

    private final SimNetwork network = SimNetwork.seeded(1);
    private final SimHost host = network.host("server");
    private final EventLoop loop = host.loop(EventLoopBuilder::direct);
    private final TcpClient clients = TcpClient.builder()
            .loop(network.host("client").loop(EventLoopBuilder::direct))
            .build();
    private final List<Served> served = new ArrayList<>();
    private final List<RefusalListener.Reason> refused = new ArrayList<>();
    private MemoryBudget budget = MemoryBudget.builder().maxBytes(MAX).build();

    /** A connection of the server, and its client. */
    private static final class Served implements ConnectionHandler {
        private @Nullable Connection connection;
        private @Nullable Connection client;
        private @Nullable CloseCause cause;
        private @Nullable Throwable failure;
        private boolean leavesAll;
        private int received;
        private int writable;
        private boolean inputClosed;

        Connection connection() {
            return Objects.requireNonNull(connection);
        }

        void send(int bytes) {
            WriteResult unused = Objects.requireNonNull(client).write(ByteBuffer.allocate(bytes));
        }

        @Override
        public void onOpen(Connection opened) {
            connection = opened;
        }

        @Override
        public void onData(Connection from, ByteBuffer bytes) {
            if (!leavesAll) {
                received += bytes.remaining();
                bytes.position(bytes.limit());
            }
        }

        @Override
        public void onWritable(Connection to) {
            writable++;
        }

        @Override
        public void onInputClosed(Connection from, ByteBuffer rest) {
            inputClosed = true;
            from.close();
        }

        @Override
        public void onClose(Connection closed, CloseCause why, @Nullable Throwable thrown) {
            cause = why;
            failure = thrown;
        }
    }

    @AfterEach
    void close() {
        loop.close();
        network.run();
        assertThat(budget.usedBytes()).isZero();
        assertThat(budget.stats().connections()).isZero();
        assertThat(budget.stats().level()).isEqualTo(MemoryLevel.NORMAL);
        assertThat(network.errors()).isEmpty();
        network.close();
    }

    private void start() throws IOException {
        start(settings -> settings);
    }

    private void start(UnaryOperator<TcpServerBuilder> settings) throws IOException {
        TcpServer unused = settings.apply(TcpServer.builder()
                        .address(host.address(80))
                        .loop(loop)
                        .memoryBudget(budget)
                        .refusals((remote, reason, failure) -> refused.add(reason))
                        .handlers(connection -> {
                            Served made = new Served();
                            served.add(made);
                            return made;
                        }))
                .start();
    }

    private @Nullable Connection connect(Recorder handler) {
        CompletableFuture<Connection> connecting = clients.connect(host.address(80), handler);
        network.runFor(SHORTLY);
        return connecting.isDone() && !connecting.isCompletedExceptionally() ? connecting.join() : null;
    }

    private Served served() {
        Connection client = connect(new Recorder());
        Served last = served.get(served.size() - 1);
        last.client = client;
        return last;
    }

    private MemoryStats stats() {
        return budget.stats();
    }

    /** The same as {@code charge} on a handler's own thread, and what follows. */
    private void charge(Served by, long bytes) {
        by.connection().charge(bytes);
        network.runFor(SHORTLY);
    }

    private void release(Served by, long bytes) {
        by.connection().release(bytes);
        network.runFor(SHORTLY);
    }

    // ---- what counts

    @Test
    void aConnectionCountsWithItsBuffersAndWhatItsHandlerHasCharged() throws IOException {
        start();
        Served one = served();
        assertThat(one.connection().heldBytes()).isEqualTo(FLAT);
        one.leavesAll = true;
        one.send(1000);
        network.runFor(SHORTLY);
        assertThat(one.connection().heldBytes()).isEqualTo(FLAT + 1024);
        charge(one, 5000);
        Served other = served();
        charge(other, 100_000);
        assertThat(budget.top(10))
                .containsExactly(
                        new MemoryUse(other.connection(), FLAT + 100_000),
                        new MemoryUse(one.connection(), FLAT + 1024 + 5000));
        assertThat(budget.top(1)).hasSize(1);
        assertThat(budget.usedBytes()).as("a little is not passed on yet").isBetween(100_000L, 110_000L);
        assertThatThrownBy(() -> one.connection().release(5001)).hasMessage("bytes: 5001, but only 5000 are charged");
        one.connection().close();
        other.connection().abort();
        network.runFor(Duration.ofMinutes(1));
        assertThat(budget.usedBytes()).isZero();
        one.connection().charge(100);
        one.connection().release(5000);
        assertThat(one.connection().heldBytes()).as("after its end").isZero();
    }

    // ---- pausing

    @Test
    void aConnectionAboveItsShareIsNotReadUntilTheLevelIsNormal() throws IOException {
        start();
        Served large = served();
        Served small = served();
        charge(large, 720_000);
        assertThat(stats().level()).isEqualTo(MemoryLevel.PAUSING);
        large.send(100);
        small.send(100);
        network.runFor(SHORTLY);
        assertThat(large.received).isZero();
        assertThat(small.received).isEqualTo(100);
        assertThat(stats().paused()).isEqualTo(1);
        release(large, 100_000);
        assertThat(large.received).as("between the two marks").isZero();
        release(large, 30_000);
        assertThat(stats().level()).isEqualTo(MemoryLevel.NORMAL);
        assertThat(large.received).isEqualTo(100);
        assertThat(stats().resumed()).isEqualTo(1);
        network.runFor(Duration.ofMinutes(1));
        assertThat(large.cause).isNull();
    }

    @Test
    void aConnectionIsReadAgainWhenAnotherOneMakesRoom() throws IOException {
        start();
        Served one = served();
        Served other = served();
        charge(one, 360_000);
        charge(other, 400_000);
        one.send(100);
        other.send(100);
        network.runFor(SHORTLY);
        assertThat(one.received).isZero();
        assertThat(stats().paused()).isEqualTo(2);
        other.connection().abort();
        network.runFor(SHORTLY);
        assertThat(one.received).isEqualTo(100);
    }

    @Test
    void aConnectionThatComesDownToItsShareIsReadAgainThoughMemoryIsScarce() throws IOException {
        start();
        Served one = served();
        Served other = served();
        charge(one, 400_000);
        charge(other, 320_000);
        one.send(100);
        network.runFor(SHORTLY);
        assertThat(one.received).isZero();
        release(one, 60_000);
        assertThat(stats().level()).isEqualTo(MemoryLevel.PAUSING);
        assertThat(one.received).isEqualTo(100);
    }

    @Test
    void framesThatHaveComeAreHeldTooAndDeliveredInOrderLater() throws IOException {
        List<Integer> lines = new ArrayList<>();
        List<Connection> from = new ArrayList<>();
        ConnectionHandler decoding = FrameDecoder.lines(100).handler((connection, line) -> {
            from.add(connection);
            lines.add(Integer.valueOf(StandardCharsets.US_ASCII.decode(line).toString()));
            connection.charge(100_000);
        });
        start(settings -> settings.handler(decoding));
        Connection client = Objects.requireNonNull(connect(new Recorder()));
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            all.append(i).append('\n');
        }
        assertThat(client.write(StandardCharsets.US_ASCII.encode(all.toString())))
                .isEqualTo(WriteResult.CONTINUE);
        client.shutdownOutput();
        for (int count : new int[] {7, 14, 20}) {
            network.runFor(SHORTLY);
            assertThat(lines).hasSize(count).isSorted();
            from.get(0).release(count < 20 ? 700_000 : 0);
        }
        assertThat(stats().paused()).isEqualTo(2);
    }

    @Test
    void writesOfAConnectionAboveItsSharePauseAndOnWritableFollows() throws IOException {
        start();
        Served large = served();
        Served small = served();
        charge(large, 720_000);
        assertThat(small.connection().write(ByteBuffer.allocate(10))).isEqualTo(WriteResult.CONTINUE);
        assertThat(large.connection().write(ByteBuffer.allocate(10))).isEqualTo(WriteResult.PAUSE);
        network.runFor(SHORTLY);
        assertThat(large.writable).isEqualTo(1);
        assertThat(small.writable).isZero();
    }

    @Test
    void theEndOfThePeerReachesAConnectionThatIsNotRead() throws IOException {
        network.hangUps(true);
        start();
        Served reset = served();
        Served ended = served();
        charge(reset, 400_000);
        charge(ended, 400_000);
        reset.send(100);
        ended.send(100);
        network.runFor(SHORTLY);
        assertThat(stats().paused()).isEqualTo(2);
        Objects.requireNonNull(reset.client).abort();
        Objects.requireNonNull(ended.client).close();
        network.runFor(Duration.ofSeconds(5));
        assertThat(reset.cause).isEqualTo(CloseCause.FAILED);
        assertThat(ended.received).as("as the other one has made room").isEqualTo(100);
        assertThat(ended.inputClosed).isTrue();
    }

    @Test
    void aConnectionThatIsNotReadForTooLongIsEndedWithTheNumbers() throws IOException {
        budget = MemoryBudget.builder()
                .maxBytes(MAX)
                .heldTimeout(Duration.ofSeconds(3))
                .build();
        start();
        Served large = served();
        Served later = served();
        charge(large, 360_000);
        charge(later, 360_000);
        large.send(1);
        network.runFor(Duration.ofSeconds(2));
        later.send(1);
        network.runFor(Duration.ofMillis(900));
        assertThat(large.cause).isNull();
        network.runFor(Duration.ofMillis(200));
        assertThat(large.cause).isEqualTo(CloseCause.MEMORY_LIMIT);
        assertThat(large.failure)
                .isInstanceOf(ConnectionException.class)
                .hasMessageContaining("3000 ms, the heldTimeout")
                .hasMessageContaining("holds " + (360_000 + FLAT) + " bytes")
                .hasMessageContaining("share is 350000")
                .hasMessageContaining("maxBytes: 1000000");
        assertThat(stats().expired()).isEqualTo(1);
        network.runFor(Duration.ofSeconds(5));
        assertThat(later.cause).as("the other one has made room").isNull();
        assertThat(later.received).isEqualTo(1);
    }

    @Test
    void theTimesAConnectionIsHeldAddUpUntilItWasNotHeldForAsLong() throws IOException {
        start();
        Served large = served();
        Served other = served();
        charge(large, 360_000);
        for (int i = 0; i < 3; i++) {
            charge(other, 345_000);
            large.send(1);
            network.runFor(Duration.ofSeconds(2));
            if (i < 2) {
                release(other, 345_000);
                assertThat(large.received).isEqualTo(i + 1);
            }
        }
        assertThat(large.cause).as("twice 2 s, and 1 s").isEqualTo(CloseCause.MEMORY_LIMIT);
        Served patient = served();
        charge(patient, 360_000);
        for (int i = 0; i < 3; i++) {
            patient.send(1);
            network.runFor(Duration.ofSeconds(2));
            release(other, 345_000);
            assertThat(patient.received).isEqualTo(i + 1);
            network.runFor(Duration.ofSeconds(6));
            charge(other, 345_000);
        }
        assertThat(patient.cause).isNull();
    }

    // ---- shedding

    @Test
    void theLargestAreEndedUntilThereIsRoomAndNoMore() throws IOException {
        start();
        List<Served> all = new ArrayList<>();
        for (int each = 1; each <= 4; each++) {
            all.add(served());
        }
        all.get(0).connection().charge(100_000);
        all.get(1).connection().charge(400_000);
        all.get(2).connection().charge(150_000);
        all.get(3).connection().charge(250_000);
        network.runFor(SHORTLY);
        assertThat(all.get(1).cause).isEqualTo(CloseCause.MEMORY_LIMIT);
        assertThat(all.get(1).failure).hasMessageContaining("holds " + (400_000 + FLAT) + " bytes");
        assertThat(all).filteredOn(each -> each.cause != null).hasSize(1);
        assertThat(stats().shed()).isEqualTo(1);
        assertThat(stats().level()).isEqualTo(MemoryLevel.NORMAL);
    }

    @Test
    void theLargestAreEndedAgainWhenMemoryIsScarceAgain() throws IOException {
        start();
        for (int round = 1; round <= 3; round++) {
            Served large = served();
            Served other = served();
            large.connection().charge(500_000);
            other.connection().charge(400_000);
            network.runFor(SHORTLY);
            assertThat(large.cause).isEqualTo(CloseCause.MEMORY_LIMIT);
            assertThat(other.cause).isNull();
            assertThat(stats().shed()).isEqualTo(round);
            other.connection().abort();
            network.runFor(SHORTLY);
        }
    }

    @Test
    void noneWithTheMinimumIsEndedWhileNotAllIsUsed() throws IOException {
        budget = MemoryBudget.builder().maxBytes(100_000).build();
        start();
        List<Served> small = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            small.add(served());
            charge(small.get(i), 16_384);
        }
        assertThat(stats().level()).as("88,320 bytes").isEqualTo(MemoryLevel.SHEDDING);
        release(small.get(0), 16_384);
        release(small.get(1), 16_384);
        Served large = served();
        charge(large, 16_385);
        charge(small.get(0), 16_384);
        charge(small.get(1), 16_384);
        assertThat(large.cause).isEqualTo(CloseCause.MEMORY_LIMIT);
        assertThat(small).allMatch(each -> each.cause == null);
        assertThat(stats().level()).isEqualTo(MemoryLevel.SHEDDING);
        network.runFor(Duration.ofMinutes(1));
        assertThat(small).allMatch(each -> each.cause == null);
    }

    @Test
    void smallOnesAreEndedWhenAllIsUsedAndThereAreNoOthers() throws IOException {
        budget = MemoryBudget.builder().maxBytes(200_000).build();
        start();
        List<Served> small = new ArrayList<>();
        for (int i = 0; i < 12; i++) { // they are 207,360 bytes, of which 140,000 may stay
            small.add(served());
        }
        small.forEach(each -> each.connection().charge(16_000));
        network.runFor(SHORTLY);
        assertThat(small)
                .filteredOn(each -> each.cause == CloseCause.MEMORY_LIMIT)
                .hasSize(4);
        assertThat(stats().overLimit()).isZero();
        assertThat(stats().usedBytes()).isLessThanOrEqualTo(140_000);
    }

    @Test
    void newConnectionsAreResetWhileTheLargestAreEnded() throws IOException {
        budget = MemoryBudget.builder().maxBytes(100_000).build();
        start();
        for (int i = 0; i < 5; i++) {
            charge(served(), 16_384);
        }
        assertThat(stats().level()).isEqualTo(MemoryLevel.SHEDDING);
        Recorder client = new Recorder();
        Connection unused = connect(client);
        assertThat(client.isClosed()).isTrue();
        assertThat(refused).containsExactly(RefusalListener.Reason.MEMORY_LIMIT);
        assertThat(stats().refused()).isEqualTo(1);
        assertThat(served).hasSize(5);
        served.get(0).connection().abort();
        served.get(1).connection().abort();
        network.runFor(SHORTLY);
        assertThat(served().connection().isOpen()).isTrue();
    }

    // ---- the limit

    /** No loop runs here in between: all of them could be stuck. */
    @Test
    void aConnectionThatTakesMoreWhenAllIsUsedIsEndedThoughNoLoopRuns() throws IOException {
        start();
        Served one = served();
        Served other = served();
        Served small = served();
        one.connection().charge(990_000);
        other.connection().charge(100_000);
        assertThat(one.connection().isOpen()).isTrue();
        assertThat(other.connection().isOpen()).isFalse();
        assertThat(other.connection().write(ByteBuffer.allocate(1))).isEqualTo(WriteResult.CLOSED);
        small.connection().charge(10_000);
        assertThat(small.connection().isOpen()).isTrue();
        one.connection().charge(1);
        assertThat(one.connection().isOpen()).isFalse();
        network.runFor(SHORTLY);
        assertThat(one.cause).isEqualTo(CloseCause.MEMORY_LIMIT);
        assertThat(other.cause).isEqualTo(CloseCause.MEMORY_LIMIT);
        assertThat(small.cause).isNull();
        assertThat(stats().overLimit()).isEqualTo(2);
    }

    @Test
    void whatConnectionsHoldThatAreEndedInATurnIsReleasedBeforeTheyCloseAtItsEnd() throws IOException {
        int large = 400_000;
        List<Connection> asked = new ArrayList<>();
        ConnectionHandler answering = new ConnectionHandler() {
            @Override
            public void onOpen(Connection connection) {
                connection.pauseReading();
                asked.add(connection);
            }

            @Override
            public void onData(Connection connection, ByteBuffer bytes) {
                bytes.position(bytes.limit());
                WriteResult unused = connection.write(ByteBuffer.allocate(large));
            }
        };
        start(settings -> settings.handler(answering));
        for (int i = 0; i < 20; i++) {
            Connection client = Objects.requireNonNull(connect(new Recorder()));
            client.pauseReading();
            assertThat(client.write(ByteBuffer.allocate(1))).isEqualTo(WriteResult.CONTINUE);
        }
        network.runFor(SHORTLY);
        loop.execute(() -> asked.forEach(Connection::resumeReading));
        network.runFor(Duration.ofSeconds(1));
        assertThat(stats().overLimit()).isGreaterThan(10);
        assertThat(stats().peakBytes()).isBetween((long) MAX, MAX + 2L * large);
    }

    @Test
    void peersCannotMakeAServerHoldMoreThanItsBudget() throws IOException {
        budget = MemoryBudget.builder().maxBytes(2 * MAX).build();
        start(settings -> settings.options(ConnectionOptions.DEFAULT.withMaxUnreadBytes(128 * 1024)));
        for (int i = 0; i < 40; i++) {
            Connection client = connect(new Recorder());
            served.forEach(each -> each.leavesAll = true);
            if (client != null) {
                WriteResult unused = client.write(ByteBuffer.allocate(100_000));
            }
        }
        network.runFor(Duration.ofSeconds(60));
        int slack = 2 * MAX / 256 + 256 * 1024; // of the loop, and what one connection takes at once
        assertThat(stats().peakBytes()).isBetween(MAX * 17L / 10, 2L * MAX + slack);
        assertThat(served)
                .filteredOn(each -> each.cause == CloseCause.MEMORY_LIMIT)
                .isNotEmpty();
    }
}
