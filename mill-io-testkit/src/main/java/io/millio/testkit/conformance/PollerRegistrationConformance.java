package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.Source;
import io.millio.transport.TcpListener;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who is in a poller, and that no event reaches another one. */
public abstract class PollerRegistrationConformance extends Conformance {
    private static final int ROUNDS = 20;

    /** For subclasses. */
    protected PollerRegistrationConformance() {}

    private PollerProbe probe() throws IOException {
        return track(new PollerProbe(transport(), 16));
    }

    private TcpStream stream() throws IOException {
        return connected().stream();
    }

    // ---- stale events

    /** Two ready sources, of which each removes the other in its event. */
    @Test
    void anEventOfASourceThatAnEarlierEventRemovedIsNotReported() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            Poller.Key first = probe.add(stream(), "first", Interest.WRITABLE);
            Poller.Key second = probe.add(stream(), "second", Interest.WRITABLE);
            probe.inEvents(attachment -> probe.poller.remove(attachment.equals("first") ? second : first));
            probe.awaitReport();
            assertThat(probe.reports()).hasSize(1);
            probe.inEvents(null);
            probe.poller.remove(first);
            probe.poller.remove(second);
            probe.poll();
            assertThat(probe.reports()).isEmpty();
        }
    }

    @Test
    void aSourceThatIsAddedAgainInAnEarlierEventIsReportedAsTheNewOneOnly() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            TcpStream moved = stream();
            List<Poller.Key> keys = new ArrayList<>();
            // Whichever is reported first, the other one is removed and added again, as "new".
            TcpStream other = stream();
            keys.add(probe.add(moved, "a", Interest.WRITABLE));
            keys.add(probe.add(other, "b", Interest.WRITABLE));
            probe.inEvents(attachment -> {
                if (keys.size() == 2) {
                    boolean first = attachment.equals("a");
                    probe.poller.remove(keys.get(first ? 1 : 0));
                    keys.add(probe.add(first ? other : moved, "new", Interest.NONE));
                }
            });
            probe.awaitReport();
            assertThat(probe.reports()).hasSize(1);
            assertThat(probe.bits("new")).as("has no interest yet").isZero();
            probe.inEvents(null);
            probe.poller.modify(keys.get(2), Interest.WRITABLE);
            probe.await("new", Readiness.WRITABLE);
            keys.forEach(probe.poller::remove);
        }
    }

    /** The descriptor of the one that is closed is the next that the system gives, its slot the next of the poller. */
    @Test
    void aNewSourceInheritsNothingFromOneThatWasClosedInAnEarlierEventOfThePoll() throws IOException {
        PollerProbe probe = probe();
        TcpListener listener = listen(transport());
        for (int i = 0; i < ROUNDS; i++) {
            TcpStream one = stream();
            TcpStream two = stream();
            Poller.Key first = probe.add(one, "first", Interest.WRITABLE);
            Poller.Key second = probe.add(two, "second", Interest.WRITABLE);
            peers().connect(listener.localAddress());
            List<Poller.Key> added = new ArrayList<>();
            probe.inEvents(attachment -> {
                if (added.isEmpty()) {
                    boolean closesSecond = attachment.equals("first");
                    probe.poller.remove(closesSecond ? second : first);
                    (closesSecond ? two : one).close();
                    added.add(probe.add(track(accept(listener)), "new", Interest.READABLE));
                }
            });
            probe.awaitReport();
            assertThat(probe.reports()).hasSize(1);
            assertThat(probe.count("new", ~0, 3)).isZero();
            probe.inEvents(null);
            probe.poller.remove(first);
            probe.poller.remove(second);
            probe.poller.remove(added.get(0));
        }
    }

    @Test
    void aSourceThatIsClosedInAnEarlierEventIsReportedAsClosed() throws IOException {
        PollerProbe probe = probe();
        TcpStream one = stream();
        TcpStream two = stream();
        probe.add(one, "one", Interest.WRITABLE);
        probe.add(two, "two", Interest.WRITABLE);
        String[] closed = new String[1];
        probe.inEvents(attachment -> {
            if (closed[0] == null) {
                closed[0] = attachment.equals("one") ? "two" : "one";
                (attachment.equals("one") ? two : one).close();
            }
        });
        probe.awaitReport();
        probe.await(closed[0], Readiness.CLOSED);
    }

    @Test
    void aClosedSourceIsReportedWhateverItsInterestAndNotAfterItIsRemoved() throws IOException {
        PollerProbe probe = probe();
        for (Interest interest : Interest.values()) {
            TcpStream stream = stream();
            Poller.Key key = probe.add(stream, interest, interest);
            stream.close();
            probe.await(interest, Readiness.CLOSED);
            probe.poller.remove(key);
            assertThat(probe.count(interest, ~0, MANY_TURNS)).isZero();
        }
        TcpStream stream = stream();
        Poller.Key key = probe.add(stream, "a", Interest.WRITABLE);
        stream.close();
        probe.poller.remove(key);
        assertThat(probe.count("a", ~0, MANY_TURNS)).isZero();
    }

    @Test
    void aRemovedSourceIsNotReportedAndItsKeyIsWithoutEffect() throws IOException {
        PollerProbe probe = probe();
        TcpStream stream = stream();
        Poller.Key old = probe.add(stream, "old", Interest.WRITABLE);
        probe.await("old", Readiness.WRITABLE);
        probe.poller.remove(old);
        assertThat(probe.count("old", ~0, MANY_TURNS)).isZero();
        probe.add(stream, "new", Interest.NONE);
        probe.poller.modify(old, Interest.WRITABLE);
        probe.poller.remove(old);
        assertThat(probe.count("new", ~0, MANY_TURNS)).isZero();
        assertThat(probe.count("old", ~0, MANY_TURNS)).isZero();
    }

    @Test
    void aSourceMovesToAnotherPollerOfTheTransport() throws IOException {
        PollerProbe from = probe();
        PollerProbe to = probe();
        TcpStream stream = stream();
        for (int i = 0; i < ROUNDS; i++) {
            Poller.Key key = from.add(stream, "a", Interest.WRITABLE);
            from.await("a", Readiness.WRITABLE);
            from.poller.remove(key);
            Poller.Key next = to.add(stream, "b", Interest.WRITABLE);
            from.poller.modify(key, Interest.READABLE_WRITABLE);
            from.poller.remove(key);
            to.await("b", Readiness.WRITABLE);
            assertThat(from.count("a", ~0, 3)).isZero();
            to.poller.remove(next);
        }
    }

    // ---- failed additions

    @Test
    void aSourceIsInOnePlaceAtATimeAndTheFirstOneStays() throws IOException {
        PollerProbe first = probe();
        PollerProbe other = probe();
        TcpStream stream = stream();
        first.add(stream, "a", Interest.WRITABLE);
        for (PollerProbe each : List.of(first, other)) {
            assertThatThrownBy(() -> each.add(stream, "b", Interest.WRITABLE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("registered");
        }
        first.await("a", Readiness.WRITABLE);
        assertThat(first.count("b", ~0, MANY_TURNS)).isZero();
        assertThat(other.count("b", ~0, MANY_TURNS)).isZero();
    }

    @Test
    void whatCannotBeAddedLeavesNothingBehind() throws IOException {
        PollerProbe probe = probe();
        Source foreign = new Source() {
            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}

            @Override
            public int condition() {
                return 0;
            }
        };
        assertThatThrownBy(() -> probe.add(foreign, "a", Interest.READABLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("source");
        TcpStream closed = stream();
        closed.close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> probe.add(closed, "b", Interest.READABLE))
                    .as("time %d", i)
                    .isInstanceOf(IOException.class);
        }
        probe.poll();
        assertThat(probe.reports()).isEmpty();
    }

    // ---- threads

    @Test
    void sourcesThatOtherThreadsAddAndRemoveAreReportedByTheirOwnNames() throws IOException {
        PollerProbe probe = probe();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        Thread polling = spawn(() -> {
            while (!over.get()) {
                probe.pollFor(PollerProbe.FAR_NANOS);
            }
        });
        for (int i = 0; i < 3; i++) {
            TcpStream stream = stream();
            threads.add(spawn(() -> {
                for (int j = 0; j < 200; j++) {
                    probe.poller.remove(probe.add(stream, "passing", j % 2 == 0 ? Interest.NONE : Interest.WRITABLE));
                    probe.poller.wakeup();
                }
            }));
        }
        threads.forEach(Conformance::join);
        over.set(true);
        probe.poller.wakeup();
        join(polling);
        assertThat(probe.count("passing", ~0, MANY_TURNS)).isZero();
        probe.add(stream(), "last", Interest.WRITABLE);
        probe.await("last", Readiness.WRITABLE);
        assertThat(probe.reports()).hasSize(1);
    }

    // ---- the end

    @Test
    void aClosedPollerFailsItsCallersAndLeavesItsSourcesOpen() throws IOException {
        PollerProbe probe = probe();
        TcpStream stream = stream();
        TcpStream other = stream();
        Poller.Key key = probe.add(stream, "a", Interest.WRITABLE);
        probe.close();
        probe.close();
        probe.poller.wakeup();
        probe.poller.modify(key, Interest.READABLE);
        assertThatThrownBy(() -> probe.poller.poll(0, probe))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> probe.add(other, "b", Interest.WRITABLE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed");
        assertThat(stream.isOpen()).isTrue();
        probe.poller.remove(key);
        PollerProbe next = probe();
        next.add(stream, "a", Interest.WRITABLE);
        next.add(other, "b", Interest.WRITABLE);
        next.await("a", Readiness.WRITABLE);
        next.await("b", Readiness.WRITABLE);
    }
}
