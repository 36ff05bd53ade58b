package io.millio.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.EventLoop;
import io.millio.EventLoopBuilder;
import io.millio.transport.Interest;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each thing that a script can order happens, and nothing else does. */
class SimFaultsTest {
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SimNetwork network = SimNetwork.seeded(7);
    private final SimHost a = network.host("a");
    private final SimHost b = network.host("b");

    @AfterEach
    void close() {
        network.close();
    }

    /** Two ends that know each other, registered nowhere. */
    private TcpStream[] connected() throws IOException {
        try (TcpListener listener = b.openListener(b.address(0), 10)) {
            TcpStream one = a.openStream(listener.localAddress());
            network.run();
            assertThat(one.finishConnect()).isTrue();
            TcpStream other = listener.accept();
            assertThat(other).isNotNull();
            return new TcpStream[] {one, other};
        }
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size);
    }

    private @Nullable Throwable failureOfConnect(InetSocketAddress to) throws IOException {
        TcpStream stream = a.openStream(to);
        network.run();
        try {
            assertThat(stream.finishConnect()).as("the connect is completed").isTrue();
            return null;
        } catch (IOException e) {
            assertThat(stream.isOpen()).isFalse();
            return e;
        }
    }

    // ---- the way

    @Test
    void bytesTakeTheLatencyOfTheirLink() throws IOException {
        network.links().latency(MILLI.multipliedBy(20));
        TcpStream[] ends = connected();
        Duration begin = network.now();
        assertThat(ends[0].write(bytes(10))).isEqualTo(10);
        network.runFor(MILLI.multipliedBy(19));
        assertThat(ends[1].read(bytes(20))).isZero();
        network.run();
        assertThat(ends[1].read(bytes(20))).isEqualTo(10);
        assertThat(network.now().minus(begin)).isEqualTo(MILLI.multipliedBy(20));
    }

    @Test
    void bytesShareTheBandwidthOfTheirLink() throws IOException {
        TcpStream[] ends = connected();
        network.way("a", "b").bandwidth(1000).latency(Duration.ZERO);
        Duration begin = network.now();
        ends[0].write(bytes(500));
        ends[0].write(bytes(500));
        network.run();
        assertThat(network.now().minus(begin)).isEqualTo(SECOND);
        begin = network.now();
        ends[1].write(bytes(1000));
        network.run();
        assertThat(network.now().minus(begin)).as("the way back is another").isLessThan(MILLI);
    }

    @Test
    void theWindowIsTheRoomOfAWriter() throws IOException {
        network.links().window(100);
        TcpStream[] ends = connected();
        assertThat(ends[0].write(bytes(150))).isEqualTo(100);
        assertThat(ends[0].write(bytes(1))).isZero();
        network.run();
        assertThat(ends[1].read(bytes(40))).isEqualTo(40);
        network.run();
        assertThat(ends[0].write(bytes(150))).isEqualTo(40);
    }

    @Test
    void readsAndWritesAreShortAsOftenAsOrdered() throws IOException {
        TcpStream[] ends = connected();
        network.links().shortWrites(1).shortReads(1);
        int written = ends[0].write(bytes(100));
        assertThat(written).isBetween(1, 99);
        network.run();
        assertThat(ends[1].read(bytes(100))).isBetween(1, written);
        network.links().shortWrites(0).shortReads(0).wouldBlock(1);
        assertThat(ends[0].write(bytes(100))).isZero();
        assertThat(network.trace()).contains("(short)").contains("would block");
    }

    @Test
    void aNetworkThatBreaksConnectionsBreaksThemForBothEnds() throws IOException {
        TcpStream[] ends = connected();
        network.links().resets(1);
        assertThatThrownBy(() -> ends[0].write(bytes(1)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        network.run();
        assertThatThrownBy(() -> ends[1].read(bytes(1)))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset")
                .hasMessageContaining("10.0.0.1");
    }

    // ---- connecting

    @Test
    void connectingFailsAsItWouldElsewhere() throws IOException {
        assertThat(failureOfConnect(b.address(80)))
                .isInstanceOf(ConnectException.class)
                .hasMessage("Connection refused: connecting to 10.0.0.2:80");
        InetAddress nowhere = InetAddress.getByAddress(new byte[] {10, 9, 9, 9});
        assertThat(failureOfConnect(new InetSocketAddress(nowhere, 80))).isInstanceOf(NoRouteToHostException.class);
        TcpListener listener = b.openListener(b.address(80), 10);
        network.links().refusals(1);
        assertThat(failureOfConnect(b.address(80))).isInstanceOf(ConnectException.class);
        network.links().refusals(0).timeouts(1);
        Duration begin = network.now();
        assertThat(failureOfConnect(b.address(80)))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("timed out");
        assertThat(network.now().minus(begin)).isEqualTo(Duration.ofSeconds(127));
        network.links().timeouts(0);
        assertThat(failureOfConnect(b.address(80))).isNull();
        assertThat(listener.accept()).isNotNull();
    }

    @Test
    void anAddressInUseOrOfAnotherHostCannotBeBound() throws IOException {
        b.openListener(b.address(80), 1);
        assertThatThrownBy(() -> b.openListener(b.address(80), 1))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("10.0.0.2:80");
        assertThatThrownBy(() -> a.openListener(b.address(81), 1)).isInstanceOf(BindException.class);
    }

    @Test
    void whoFindsTheBacklogFullConnectsWhenThereIsRoom() throws IOException {
        TcpListener listener = b.openListener(b.address(80), 1);
        TcpStream first = a.openStream(b.address(80));
        TcpStream second = a.openStream(b.address(80));
        network.runFor(SECOND);
        assertThat(first.finishConnect()).isTrue();
        assertThat(second.finishConnect()).isFalse();
        assertThat(listener.accept()).isNotNull();
        network.runFor(SECOND);
        assertThat(second.finishConnect()).isTrue();
    }

    @Test
    void acceptsFailAsOftenAsOrderedAndTheListenerRecovers() throws IOException {
        EventLoop loop = b.loop(EventLoopBuilder::direct);
        TcpListener listener = loop.openListener(b.address(80));
        AtomicInteger accepted = new AtomicInteger();
        loop.register(listener, Interest.READABLE, event -> {
            if (listener.accept() != null) {
                accepted.incrementAndGet();
            }
        });
        b.exhaustAccepts(3);
        TcpStream stream = a.openStream(b.address(80));
        network.runUntil("it is accepted", () -> accepted.get() == 1);
        assertThat(stream.finishConnect()).isTrue();
        assertThat(network.errors()).hasSize(3);
        assertThat(loop.stats().acceptPauses()).isEqualTo(3);
    }

    // ---- hosts and partitions

    @Test
    void aPartitionHoldsUpStreamsAndLosesTheRest() throws IOException {
        TcpStream[] ends = connected();
        UdpSocket from = a.openUdp(a.address(9), SocketSettings.NONE);
        UdpSocket to = b.openUdp(b.address(9), SocketSettings.NONE);
        network.partition("a", "b");
        ends[0].write(bytes(10));
        from.send(bytes(5), b.address(9));
        network.runFor(SECOND);
        assertThat(ends[1].read(bytes(20))).isZero();
        assertThat(failureOfConnect(b.address(80))).hasMessageContaining("timed out");
        network.heal("a", "b");
        network.run();
        assertThat(ends[1].read(bytes(20))).isEqualTo(10);
        assertThat(to.receive(bytes(20))).isNull();
    }

    @Test
    void aHostThatVanishesLeavesItsPeersHalfOpen() throws IOException {
        TcpStream[] ends = connected();
        EventLoop loop = b.loop(EventLoopBuilder::direct);
        AtomicInteger ran = new AtomicInteger();
        b.vanish();
        loop.execute(ran::incrementAndGet);
        ends[0].write(bytes(10));
        network.run();
        assertThat(ends[0].read(bytes(10))).isZero();
        assertThat(ends[1].read(bytes(10))).isZero();
        assertThat(ran).hasValue(0);
        assertThat(failureOfConnect(b.address(80))).hasMessageContaining("timed out");
    }

    @Test
    void aHostThatPausesGoesOnLater() {
        EventLoop loop = a.loop();
        List<Duration> ran = new ArrayList<>();
        a.pause(SECOND);
        loop.execute(() -> ran.add(network.now()));
        network.run();
        assertThat(ran).hasSize(1);
        assertThat(ran.get(0)).isBetween(SECOND, SECOND.plus(MILLI));
    }

    @Test
    void aClockThatJumpsMakesTimersLateAndNotEarly() {
        EventLoop loop = a.loop();
        AtomicInteger fired = new AtomicInteger();
        loop.schedule(SECOND, fired::incrementAndGet);
        network.runFor(MILLI);
        network.jump(Duration.ofHours(1));
        network.run();
        assertThat(fired).hasValue(1);
        assertThat(network.now())
                .isBetween(Duration.ofHours(1), Duration.ofHours(1).plusSeconds(1));
    }

    // ---- datagrams

    @Test
    void datagramsAreLostDoubledAndOvertaken() throws IOException {
        UdpSocket from = a.openUdp(a.address(9), SocketSettings.NONE);
        UdpSocket to = b.openUdp(b.address(9), SocketSettings.NONE);
        Link way = network.way("a", "b").losses(1);
        from.send(bytes(1), b.address(9));
        network.run();
        assertThat(to.receive(bytes(9))).isNull();
        way.losses(0).duplicates(1);
        from.send(bytes(1), b.address(9));
        network.run();
        assertThat(to.receive(bytes(9))).isEqualTo(a.address(9));
        assertThat(to.receive(bytes(9))).isNotNull();
        assertThat(to.receive(bytes(9))).isNull();
        way.duplicates(0).reorderings(0.5);
        StringBuilder order = new StringBuilder();
        for (int i = 1; i <= 20; i++) {
            from.send(bytes(i), b.address(9));
        }
        network.run();
        for (int i = 1; i <= 20; i++) {
            ByteBuffer room = bytes(30);
            assertThat(to.receive(room)).isNotNull();
            order.append(room.position()).append(' ');
        }
        assertThat(order.toString()).isNotEqualTo("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ");
    }

    @Test
    void aPortWithoutReceiverIsUnreachableForAConnectedSocket() throws IOException {
        UdpSocket socket = a.openUdp(a.address(9), SocketSettings.NONE);
        socket.connect(b.address(9));
        socket.send(bytes(1));
        network.run();
        assertThatThrownBy(() -> socket.receive(bytes(1))).isInstanceOf(PortUnreachableException.class);
        assertThat(socket.isOpen()).isTrue();
    }

    // ---- scripts that make no sense

    @Test
    void aScriptThatMakesNoSenseIsRefusedByNameAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.link("a", "c"))
                .withMessage("to: \"c\" is not a host of this network, which has [a, b]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.partition("x", "b"))
                .withMessageContaining("one: \"x\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.links().latency(Duration.ofMillis(-1)))
                .withMessageContaining("must not be negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.links().latency(SECOND, MILLI))
                .withMessageContaining("most");
        for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> network.links().losses(wrong))
                    .withMessage("probability: " + wrong + ", must be from 0 to 1");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> a.spuriousWakeUps(1));
        assertThatIllegalArgumentException().isThrownBy(() -> network.links().bandwidth(0));
        assertThatIllegalArgumentException().isThrownBy(() -> network.links().window(0));
        assertThatIllegalArgumentException().isThrownBy(() -> network.host(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> network.draw(0));
        assertThatIllegalArgumentException().isThrownBy(() -> a.executor(0));
        assertThatIllegalArgumentException().isThrownBy(() -> network.after(Duration.ofNanos(-1), () -> {}));
    }

    // ---- what a test gets wrong

    @Test
    void whatNeverComesIsReportedWithTheTrace() {
        assertThatThrownBy(() -> network.runUntil("pigs fly", () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("pigs fly")
                .hasMessageContaining("seed 7");
    }

    @Test
    void anAssertionThatFailsInAHandlerFailsTheTest() {
        EventLoop loop = a.loop();
        loop.execute(() -> {
            throw new AssertionError("as asserted");
        });
        assertThatThrownBy(network::run).isInstanceOf(AssertionError.class).hasMessageContaining("as asserted");
    }

    @Test
    void whatIsLeftOpenIsALeak() throws IOException {
        EventLoop loop = a.loop();
        TcpListener listener = loop.openListener(a.address(80));
        loop.schedule(SECOND, () -> {});
        network.runFor(MILLI);
        assertThatThrownBy(network::assertNothingLeaked)
                .hasMessageContaining("10.0.0.1:80")
                .hasMessageContaining("1 timers")
                .hasMessageContaining("not closed: loop a-loop1");
        listener.close();
        loop.close();
        network.assertNothingLeaked();
    }

    @Test
    void aLoopIsClosedByTheTestAndByAWorkerOfItsOwn() {
        EventLoop byTest = a.loop();
        network.run();
        byTest.close();
        assertThat(byTest.isClosed()).isTrue();
        for (int i = 0; i < 20; i++) {
            EventLoop byWorker = a.loop();
            Executor elsewhere = a.executor(2);
            elsewhere.execute(byWorker::close);
            elsewhere.execute(byWorker::close);
            network.run();
            assertThat(byWorker.isClosed()).isTrue();
        }
    }

    @Test
    void aFailureDuringTheCloseOfALoopIsReportedByTheNextDrive() {
        EventLoop loop = a.loop();
        network.run();
        loop.execute(() -> {
            throw new AssertionError("as asserted");
        });
        loop.close();
        assertThat(loop.isClosed()).isTrue();
        assertThatThrownBy(network::run).isInstanceOf(AssertionError.class).hasMessageContaining("as asserted");
    }

    @Test
    void aLoopOfAHostThatPausesIsClosedWhenItGoesOn() {
        EventLoop loop = a.loop();
        network.run();
        a.pause(SECOND);
        loop.close();
        assertThat(loop.isClosed()).isTrue();
        assertThat(network.now()).isGreaterThanOrEqualTo(SECOND);
    }

    @Test
    void aLoopOfAHostThatHasVanishedCannotBeWaitedFor() {
        EventLoop loop = a.loop();
        network.run();
        a.vanish();
        assertThatThrownBy(loop::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("what never comes");
    }
}
