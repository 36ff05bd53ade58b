package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.Capability;
import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.SocketSettings;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import io.millio.transport.UdpSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a poll reports of a source: by level, in the interest, and nothing for ever that can't be acted on. */
public abstract class PollerEventConformance extends Conformance {
    /** A hang-up is reported once, and may be once more after the interest has changed. */
    private static final int TWICE = 2;

    private static final int ANY = ~0;
    private static final int WANTED = Readiness.READABLE | Readiness.WRITABLE;

    /** For subclasses. */
    protected PollerEventConformance() {}

    private PollerProbe probe() throws IOException {
        return track(new PollerProbe(transport(), 16));
    }

    // ---- levels

    @Test
    void whatHasNotBeenReadIsReportedByEachPollAndNothingElse() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        probe.add(pair.stream(), "a", Interest.READABLE);
        assertThat(probe.count("a", ANY, MANY_TURNS)).as("before it is sent").isZero();
        send(pair.peer(), "xyz");
        probe.await("a", Readiness.READABLE);
        assertThat(probe.count("a", Readiness.READABLE, MANY_TURNS)).isEqualTo(MANY_TURNS);
        assertThat(read(pair.stream(), 1)).isEqualTo("x");
        assertThat(probe.count("a", Readiness.READABLE, MANY_TURNS)).isEqualTo(MANY_TURNS);
        assertThat(read(pair.stream(), 10)).isEqualTo("yz");
        assertThat(probe.count("a", ANY, MANY_TURNS)).as("when all is read").isZero();
        probe.assertWaits();
        assertThat(pair.stream().condition()).isZero();
    }

    @Test
    void roomIsReportedByEachPollUntilNothingFitsAndAgainWhenThePeerHasRead() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        probe.add(pair.stream(), "a", Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
        assertThat(probe.count("a", Readiness.WRITABLE, MANY_TURNS)).isEqualTo(MANY_TURNS);
        fill(probe, pair, "a");
        assertThat(probe.count("a", ANY, MANY_TURNS)).as("when nothing fits").isZero();
        Await.until("there is room", () -> (probe.bits("a") & Readiness.WRITABLE) != 0, () -> {
            read(pair.peer(), 1 << 16);
            probe.poll();
        });
    }

    /** Writes until nothing fits and the poller agrees. */
    private static void fill(PollerProbe probe, Connected pair, String name) {
        ByteBuffer much = ByteBuffer.allocate(1 << 16);
        Await.until("nothing fits", () -> probe.count(name, Readiness.WRITABLE, MANY_TURNS) == 0, () -> {
            try {
                while (pair.stream().write(much.clear()) > 0) {
                    // once more
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void theEndOfInputIsReportedUntilItIsReadAndThenTheSourceSaysSo() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        Poller.Key key = probe.add(pair.stream(), "a", Interest.READABLE);
        send(pair.peer(), "x");
        pair.peer().shutdownOutput();
        probe.await("a", Readiness.READABLE);
        assertThat(read(pair.stream(), 10)).isEqualTo("x");
        probe.await("a", Readiness.READABLE);
        assertThat(pair.stream().condition()).as("before the end is read").isZero();
        assertThat(pair.stream().read(ByteBuffer.allocate(10))).isEqualTo(-1);
        assertThat(pair.stream().condition()).isEqualTo(Readiness.READ_CLOSED);
        probe.poller.modify(key, Interest.NONE);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isLessThanOrEqualTo(TWICE);
        probe.assertWaits();
        probe.poller.modify(key, Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
        assertThat(pair.stream().write(ByteBuffer.wrap(new byte[] {'y'}))).isEqualTo(1);
        Await.until("the peer reads on", () -> read(pair.peer(), 1).equals("y"));
    }

    @Test
    void anEndOfInputThatIsNotWantedDoesNotSpin() throws IOException {
        PollerProbe probe = probe();
        Connected paused = connected();
        Connected full = connected();
        probe.add(paused.stream(), "paused", Interest.NONE);
        probe.add(full.stream(), "full", Interest.WRITABLE);
        fill(probe, full, "full");
        paused.peer().shutdownOutput();
        full.peer().shutdownOutput();
        probe.pollsFor(1_000_000);
        probe.poll();
        for (String name : List.of("paused", "full")) {
            assertThat(probe.count(name, ANY, MANY_TURNS)).as(name).isLessThanOrEqualTo(TWICE);
            assertThat(probe.count(name, ANY, MANY_TURNS)).as(name).isZero();
        }
        probe.assertWaits();
    }

    @Test
    void aResetThatIsNotWantedIsReportedOnceAtMostAndReachesTheNextRead() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        Poller.Key key = probe.add(pair.stream(), "a", Interest.NONE);
        pair.peer().reset();
        if (transport().capabilities().contains(Capability.HANG_UP)) {
            probe.await("a", Readiness.ERROR);
        }
        assertThat(probe.count("a", ANY, MANY_TURNS)).isLessThanOrEqualTo(TWICE);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
        probe.assertWaits();
        probe.poller.modify(key, Interest.READABLE);
        probe.await("a", Readiness.READABLE);
        assertThatThrownBy(() -> pair.stream().read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
        assertThat(pair.stream().condition() & Readiness.ERROR).isNotZero();
    }

    @Test
    void whatCameBeforeAResetCanBeReadAndThenTheResetIsRead() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        probe.add(pair.stream(), "a", Interest.READABLE);
        send(pair.peer(), "last");
        pair.peer().reset();
        StringBuilder text = new StringBuilder();
        boolean[] failed = new boolean[1];
        probe.inEvents(attachment -> {
            try {
                text.append(read(pair.stream(), 2));
            } catch (IOException e) {
                failed[0] = true;
            }
        });
        Await.until("the reset is read", () -> failed[0], probe::poll);
        assertThat(text).hasToString("last");
        assertThat(pair.stream().condition() & Readiness.ERROR).isNotZero();
    }

    @Test
    void datagramsAreReportedOneByOneAndAnEmptyOneCounts() throws IOException {
        PollerProbe probe = probe();
        UdpSocket to = track(transport().openUdp(peers().anyAddress(), SocketSettings.NONE));
        UdpSocket from = track(transport().openUdp(peers().anyAddress(), SocketSettings.NONE));
        probe.add(to, "a", Interest.READABLE);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
        for (int size : new int[] {3, 0, 1}) {
            assertThat(from.send(ByteBuffer.allocate(size), to.localAddress())).isTrue();
        }
        List<Integer> sizes = new ArrayList<>();
        probe.inEvents(attachment -> {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            if (to.receive(buffer) != null) {
                sizes.add(buffer.position());
            }
        });
        Await.until("all have come", () -> sizes.size() == 3, probe::poll);
        assertThat(sizes).containsExactly(3, 0, 1);
        probe.inEvents(null);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
    }

    // ---- connecting and accepting

    @Test
    void aConnectionAttemptIsReportedAsWritableWhenItHasSucceeded() throws IOException {
        PollerProbe probe = probe();
        PeerListener listener = peers().listen();
        TcpStream stream = track(transport().openStream(listener.address()));
        probe.add(stream, "a", Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
        assertThat(stream.finishConnect()).isTrue();
        probe.await("a", Readiness.WRITABLE);
        assertThat(stream.write(ByteBuffer.wrap(new byte[] {'x'}))).isEqualTo(1);
    }

    @Test
    void aConnectionAttemptIsReportedAsWritableWhenItHasFailedAndThenIsClosed() throws IOException {
        PollerProbe probe = probe();
        TcpStream stream;
        try {
            stream = track(transport().openStream(peers().refusingAddress()));
        } catch (ConnectException e) {
            return; // at once, which is allowed
        }
        probe.add(stream, "a", Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
        assertThatThrownBy(stream::finishConnect).isInstanceOf(ConnectException.class);
        assertThat(stream.isOpen()).isFalse();
        assertThat(stream.condition()).isEqualTo(Readiness.CLOSED);
    }

    @Test
    void aListenerIsReportedUntilAllAreAcceptedAndWhatItAcceptsDoesNotBlock() throws IOException {
        PollerProbe probe = probe();
        TcpListener listener = listen(transport());
        probe.add(listener, "a", Interest.READABLE);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
        for (int i = 0; i < 3; i++) {
            peers().connect(listener.localAddress());
        }
        for (int i = 0; i < 3; i++) {
            probe.await("a", Readiness.READABLE);
            TcpStream stream = track(accept(listener));
            elsewhere(() -> assertThat(stream.read(ByteBuffer.allocate(1))).isZero());
        }
        assertThat(listener.accept()).isNull();
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
    }

    @Test
    void thePortOfAListenerIsFreeWhenItIsRemovedAndClosedInEitherOrder() throws IOException {
        PollerProbe probe = probe();
        SocketAddress address = peers().anyAddress();
        for (int i = 0; i < 6; i++) {
            TcpListener listener = track(transport().openListener(address, 5));
            Poller.Key key = probe.add(listener, "a", Interest.READABLE);
            probe.poll();
            if (i % 2 == 0) {
                probe.poller.remove(key);
                listener.close();
            } else {
                listener.close();
                probe.poller.remove(key);
            }
            address = listener.localAddress();
        }
    }

    // ---- the interest

    @Test
    void ofChangesBetweenTwoPollsTheLastOneHolds() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        Poller.Key key = probe.add(pair.stream(), "a", Interest.READABLE_WRITABLE);
        send(pair.peer(), "x");
        probe.await("a", WANTED);
        Interest[] all = Interest.values();
        for (int i = 0; i < 40; i++) {
            Interest last = all[(i * 7 + i / 4) % all.length];
            probe.poller.modify(key, all[i % all.length]);
            probe.poller.modify(key, all[(i / 4) % all.length]);
            probe.poller.modify(key, last);
            probe.poll();
            assertThat(probe.bits("a")).as("with the interest %s", last).isEqualTo(last.bits());
        }
    }

    @Test
    void anInterestThatIsDroppedInTheEventIsNotReportedByTheNextPoll() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        Poller.Key key = probe.add(pair.stream(), "a", Interest.READABLE_WRITABLE);
        send(pair.peer(), "x");
        probe.await("a", WANTED);
        probe.inEvents(attachment -> probe.poller.modify(key, Interest.NONE));
        probe.poll();
        probe.inEvents(null);
        assertThat(probe.count("a", ANY, MANY_TURNS)).isZero();
        probe.assertWaits();
        probe.poller.modify(key, Interest.READABLE);
        probe.poll();
        assertThat(probe.bits("a")).isEqualTo(Readiness.READABLE);
    }

    @Test
    void anInterestInOneDirectionIsNotMetByTheOther() throws IOException {
        PollerProbe probe = probe();
        Connected pair = connected();
        Poller.Key key = probe.add(pair.stream(), "a", Interest.READABLE);
        assertThat(probe.count("a", ANY, MANY_TURNS))
                .as("room, which is not wanted")
                .isZero();
        send(pair.peer(), "x");
        probe.await("a", Readiness.READABLE);
        probe.poller.modify(key, Interest.WRITABLE);
        assertThat(probe.count("a", Readiness.READABLE, MANY_TURNS))
                .as("bytes, which are not wanted")
                .isZero();
        assertThat(probe.bits("a")).isEqualTo(Readiness.WRITABLE);
    }

    // ---- more than one

    @Test
    void noPollReportsMoreSourcesThanTheCapacityAndAllAreReportedInTurn() throws IOException {
        for (int capacity : new int[] {1, 2, 5}) {
            PollerProbe probe = track(new PollerProbe(transport(), capacity));
            int count = 7;
            List<Poller.Key> keys = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                keys.add(probe.add(connected().stream(), "source " + i, Interest.WRITABLE));
            }
            Set<Object> reported = new HashSet<>();
            for (int i = 0; i < MANY_TURNS; i++) {
                probe.poll();
                List<Object> now = probe.reports().stream()
                        .map(PollerProbe.Report::attachment)
                        .toList();
                assertThat(now).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(capacity);
                reported.addAll(now);
            }
            assertThat(reported).as("with capacity %d", capacity).hasSize(count);
            keys.forEach(probe.poller::remove);
        }
    }

    @Test
    void anExceptionOfTheSinkIsThrownByThePollAndNothingIsLost() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < 3; i++) {
            probe.add(connected().stream(), "source " + i, Interest.WRITABLE);
        }
        probe.inEvents(attachment -> {
            throw new IllegalStateException("of " + attachment);
        });
        assertThatThrownBy(() -> Await.until("an event is reported", () -> false, probe::poll))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("of source");
        probe.inEvents(null);
        for (int i = 0; i < 3; i++) {
            probe.await("source " + i, Readiness.WRITABLE);
        }
    }
}
