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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What befalls machines and the ways between them: power, clocks, descriptors, time-outs, damaged bytes. */
class SimMachineFaultsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final SimNetwork network = SimNetwork.seeded(7);
    private final SimHost client = network.host("client");
    private final SimHost server = network.host("server");

    @AfterEach
    void close() {
        network.close();
    }

    private void serveEcho(AtomicInteger accepted) throws IOException {
        EventLoop loop = server.loop(EventLoopBuilder::direct);
        TcpListener listener = loop.openListener(server.address(7));
        loop.register(listener, Interest.READABLE, event -> {
            for (TcpStream next; (next = listener.accept()) != null; ) {
                TcpStream stream = next;
                accepted.incrementAndGet();
                ByteBuffer buffer = ByteBuffer.allocate(64);
                loop.register(stream, Interest.READABLE, ready -> {
                    if (stream.read(buffer.clear()) < 0) {
                        ready.registration().close();
                    }
                    stream.write(buffer.flip());
                });
            }
        });
    }

    // ---- crashes

    @Test
    void aHostThatCrashedServesAgainAfterItsRestartAndResetsWhatItHasForgotten() throws IOException {
        AtomicInteger accepted = new AtomicInteger();
        serveEcho(accepted);
        ScriptedPeer before = client.connect(server.address(7));
        before.send("one").expect("one");

        server.crash();
        before.send("lost").expectNothing(Duration.ofHours(1));
        assertThatThrownBy(() -> client.connect(server.address(7))).hasMessageContaining("timed out");

        server.restart();
        before.expectReset();
        assertThatThrownBy(() -> client.connect(server.address(7))).hasMessageContaining("refused");
        serveEcho(accepted);
        client.connect(server.address(7)).send("two").expect("two");
        assertThat(accepted).hasValue(2);
    }

    @Test
    void nothingOfACrashedHostRunsAnyMoreOrCountsAsLeft() throws IOException {
        EventLoop loop = server.loop();
        AtomicInteger ran = new AtomicInteger();
        TcpListener listener = loop.openListener(server.address(80));
        loop.register(listener, Interest.READABLE, event -> ran.incrementAndGet());
        loop.schedule(SECOND, ran::incrementAndGet);
        server.executor(1).execute(ran::incrementAndGet);
        server.crash();
        network.run();
        server.restart();
        network.run();
        assertThat(ran).hasValue(0);
        network.assertNothingLeaked();
    }

    @Test
    void aConnectionThatItsHostWasMakingWhenItCrashedIsReset() throws IOException {
        TcpListener listener = server.openListener(server.address(80), 1);
        client.openStream(server.address(80));
        network.runFor(Duration.ofNanos(150_000)); // the answer is on its way
        client.crash();
        network.run();
        TcpStream accepted = Objects.requireNonNull(listener.accept());
        assertThat(accepted.read(ByteBuffer.allocate(1))).isZero();
        client.restart();
        network.run();
        assertThatThrownBy(() -> accepted.read(ByteBuffer.allocate(1))).hasMessageContaining("reset");
    }

    // ---- ways

    @Test
    void aPartitionOfOneWayLetsTheOtherWayThrough() throws IOException {
        ScriptedListener listener = server.listen(7);
        ScriptedPeer one = client.connect(listener.localAddress());
        ScriptedPeer other = listener.accept();
        network.partitionWay("client", "server");
        one.send("held");
        other.send("through");
        one.expect("through");
        other.expectNothing(SECOND);
        network.heal("client", "server");
        other.expect("held");
    }

    @Test
    void aStreamTimesOutAtBothEnds() throws IOException {
        ScriptedListener listener = server.listen(7);
        ScriptedPeer one = client.connect(listener.localAddress());
        ScriptedPeer other = listener.accept();
        ScriptedPeer elsewhere = network.host("third").connect(listener.localAddress());
        one.send("never read");
        network.timeOut("client", "server");
        assertThatThrownBy(() -> one.receive(1)).hasMessageContaining("Connection timed out: reading");
        assertThatThrownBy(() -> other.send("x")).hasMessageContaining("Connection timed out: writing");
        elsewhere.send("fine");
        listener.accept().expect("fine");
    }

    @Test
    void aTailOfTheLatencyIsLongAndOfAllOrders() throws IOException {
        network.links().latency(Duration.ofMillis(1)).latencyTail(0.5, Duration.ofSeconds(1));
        List<Long> micros = new ArrayList<>();
        UdpSocket to = server.openUdp(server.address(9), SocketSettings.NONE);
        UdpSocket from = client.openUdp(client.address(0), SocketSettings.NONE);
        for (int i = 0; i < 400; i++) {
            Duration sent = network.now();
            from.send(ByteBuffer.allocate(1), server.address(9));
            network.run();
            assertThat(to.receive(ByteBuffer.allocate(1))).isNotNull();
            micros.add(network.now().minus(sent).toNanos() / 1000);
        }
        assertThat(micros).allMatch(each -> each >= 1_000 && each <= 1_000_000);
        assertThat(micros.stream().filter(each -> each == 1_000)).hasSizeBetween(150, 250);
        for (int order = 1_000; order < 1_000_000; order *= 10) {
            long least = order;
            assertThat(micros.stream().filter(each -> each > least && each <= least * 10))
                    .hasSizeBetween(30, 110);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.links().latencyTail(0.5, Duration.ofNanos(1)))
                .withMessageContaining("most: PT0.000000001S, must not be less than the latency, PT0.001S");
    }

    @Test
    void aCorruptionChangesOneBit() throws IOException {
        network.way("client", "server").corruptions(1);
        ScriptedListener listener = server.listen(7);
        ScriptedPeer one = client.connect(listener.localAddress());
        ScriptedPeer other = listener.accept();
        for (int i = 0; i < 50; i++) {
            one.send(new byte[8]);
            assertThat(bits(other.receive(8))).isEqualTo(1);
        }
        other.send("intact");
        one.expect("intact");

        UdpSocket to = server.openUdp(server.address(9), SocketSettings.NONE);
        client.openUdp(client.address(0), SocketSettings.NONE).send(ByteBuffer.allocate(8), server.address(9));
        network.run();
        ByteBuffer got = ByteBuffer.allocate(8);
        to.receive(got);
        assertThat(bits(got.array())).isEqualTo(1);
    }

    private static int bits(byte[] of) {
        int sum = 0;
        for (byte each : of) {
            sum += Integer.bitCount(each & 0xff);
        }
        return sum;
    }

    // ---- clocks

    /** How long a timer of a second takes on a host. */
    private Duration timer(SimHost host) {
        EventLoop loop = host.loop();
        Duration begin = network.now();
        List<Duration> fired = new ArrayList<>();
        loop.schedule(SECOND, () -> fired.add(network.now()));
        network.runUntil("the timer has fired", () -> !fired.isEmpty());
        return fired.get(0).minus(begin);
    }

    @Test
    void aClockThatDriftsHasTimersEarlyOrLate() {
        client.clockDrift(0.25);
        server.clockDrift(-0.5);
        assertThat(timer(client)).isBetween(Duration.ofMillis(800), Duration.ofMillis(802));
        assertThat(timer(server)).isBetween(Duration.ofMillis(2000), Duration.ofMillis(2004));
        assertThat(timer(network.host("third"))).isBetween(SECOND, Duration.ofMillis(1002));
        client.clockDrift(0);
        assertThat(timer(client)).isBetween(SECOND, Duration.ofMillis(1002));
        assertThatIllegalArgumentException().isThrownBy(() -> client.clockDrift(-1));
    }

    @Test
    void aClockThatIsSetForwardIsAheadOfTheOthersAndNeverGoesBack() {
        network.runFor(Duration.ofSeconds(10));
        long before = client.nanoClock().getAsLong();
        client.clockDrift(1);
        client.clockSkew(Duration.ofHours(1));
        client.clockDrift(-0.999);
        network.runFor(SECOND);
        long ahead =
                client.nanoClock().getAsLong() - before - Duration.ofHours(1).toNanos();
        assertThat(ahead).isBetween(0L, 2_000_000L);
        assertThat(server.nanoClock().getAsLong()).isLessThan(before + 2_000_000_000L);
    }

    // ---- descriptors

    @Test
    void everyOpenFailsWhereDescriptorsAreExhausted() throws IOException {
        server.openListener(server.address(80), 10);
        UdpSocket last = server.openUdp(server.address(0), SocketSettings.NONE);
        server.maxDescriptors(2);
        assertThatThrownBy(() -> server.openListener(server.address(0), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("Too many open files: opening a listener on host server");
        assertThatThrownBy(() -> server.openUdp(server.address(0), SocketSettings.NONE))
                .hasMessageContaining("Too many open files");
        assertThatThrownBy(() -> server.openStream(client.address(1))).hasMessageContaining("Too many open files");
        last.close();
        server.openStream(client.address(1)).close();
        server.openUdp(server.address(0), SocketSettings.NONE).close();
    }

    @Test
    void anAcceptFindsNoDescriptorUntilOneIsClosed() throws IOException {
        TcpListener listener = server.openListener(server.address(80), 10);
        client.connect(server.address(80));
        client.connect(server.address(80));
        server.maxDescriptors(2);
        TcpStream first = Objects.requireNonNull(listener.accept());
        assertThat(listener.accept()).isNull();
        assertThat(listener.takeAcceptError()).hasMessageContaining("Too many open files");
        first.close();
        assertThat(listener.accept()).isNotNull();
    }
}
