package io.millio.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millio.transport.Interest;
import io.millio.transport.Poller;
import io.millio.transport.Readiness;
import io.millio.transport.TcpStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How long a poll waits, and what ends it. */
public abstract class PollerWaitConformance extends Conformance {
    private static final int ROUNDS = 40;

    private static final int FEW = PollerProbe.FEW;

    /** For subclasses. */
    protected PollerWaitConformance() {}

    private PollerProbe probe() throws IOException {
        return track(new PollerProbe(transport(), 16));
    }

    /** Polls again and again on a thread of its own, and counts. */
    private final class Polling {
        private final AtomicInteger returns = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final PollerProbe probe;
        private final Thread thread;

        Polling(PollerProbe probe, long nanos) {
            this.probe = probe;
            thread = spawn(() -> {
                while (!over.get()) {
                    probe.pollFor(nanos);
                    returns.incrementAndGet();
                }
            });
        }

        void awaitReturn(int before) {
            Await.until("a poll returns", () -> returns.get() > before);
        }

        int end() {
            int seen = returns.get();
            over.set(true);
            probe.poller.wakeup();
            join(thread);
            return seen;
        }
    }

    // ---- wake-ups

    @Test
    void aWakeUpBeforeAPollEndsIt() throws IOException {
        PollerProbe probe = probe();
        probe.poller.wakeup();
        elsewhere(() -> probe.pollFor(PollerProbe.FAR_NANOS));
        assertThat(probe.reports()).as("what a wake-up reports").isEmpty();
    }

    @Test
    void eachWakeUpOfAnotherThreadEndsAPollThatWaits() throws IOException {
        Polling polling = new Polling(probe(), PollerProbe.FAR_NANOS);
        for (int i = 0; i < ROUNDS; i++) {
            int before = polling.returns.get();
            polling.probe.poller.wakeup();
            polling.awaitReturn(before);
        }
        assertThat(polling.end()).as("polls that returned").isBetween(ROUNDS, ROUNDS + FEW);
    }

    @Test
    void manyWakeUpsBetweenTwoPollsEndOneOnly() throws IOException {
        PollerProbe probe = probe();
        List<Thread> wakers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            wakers.add(spawn(() -> {
                for (int j = 0; j < ROUNDS; j++) {
                    probe.poller.wakeup();
                }
            }));
        }
        wakers.forEach(Conformance::join);
        elsewhere(() -> probe.pollFor(PollerProbe.FAR_NANOS));
        assertThat(probe.pollsFor(5_000_000)).as("polls for a time, afterwards").isLessThanOrEqualTo(FEW);
    }

    @Test
    void aWakeUpInAnEventEndsTheNextPoll() throws IOException {
        PollerProbe probe = probe();
        Poller.Key key = probe.add(connected().stream(), "a", Interest.WRITABLE);
        probe.inEvents(attachment -> {
            probe.poller.wakeup();
            probe.poller.remove(key); // so that it is not the source that ends the next poll
        });
        probe.await("a", Readiness.WRITABLE);
        elsewhere(() -> probe.pollFor(PollerProbe.FAR_NANOS));
        assertThat(probe.reports()).isEmpty();
    }

    @Test
    void aWakeUpOfOnePollerLeavesOthersAlone() throws IOException {
        PollerProbe woken = probe();
        PollerProbe other = probe();
        woken.poller.wakeup();
        assertThat(other.pollsFor(2_000_000)).as("polls for a time").isLessThanOrEqualTo(FEW);
        elsewhere(() -> woken.pollFor(PollerProbe.FAR_NANOS));
    }

    // ---- events that come while it waits

    @Test
    void whatBecomesReadyEndsAPollThatWaits() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            Connected pair = connected();
            String name = "source " + i;
            Poller.Key key = probe.add(pair.stream(), name, Interest.READABLE);
            Thread polling = spawn(() -> {
                do {
                    probe.pollFor(PollerProbe.FAR_NANOS);
                } while (probe.bits(name) == 0);
            });
            send(pair.peer(), "x");
            join(polling);
            probe.poller.remove(key);
        }
    }

    @Test
    void aSourceThatIsAddedWhileAPollWaitsIsReportedAfterAWakeUp() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            TcpStream stream = connected().stream();
            String name = "source " + i;
            Thread polling = spawn(() -> {
                do {
                    probe.pollFor(PollerProbe.FAR_NANOS);
                } while (probe.bits(name) == 0);
            });
            Poller.Key key = probe.add(stream, name, Interest.WRITABLE);
            probe.poller.wakeup();
            join(polling);
            probe.poller.remove(key);
        }
    }

    @Test
    void aSourceThatAnotherThreadClosesEndsAPollThatWaitsAndIsReportedAsClosed() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            TcpStream stream = connected().stream();
            String name = "source " + i;
            Poller.Key key = probe.add(stream, name, Interest.NONE);
            AtomicBoolean begun = new AtomicBoolean();
            Thread polling = spawn(() -> {
                do {
                    begun.set(true);
                    probe.pollFor(PollerProbe.FAR_NANOS);
                } while ((probe.bits(name) & Readiness.CLOSED) == 0);
            });
            Await.until("it polls", begun::get);
            stream.close();
            join(polling);
            probe.poller.remove(key);
        }
    }

    // ---- time

    @Test
    void aDeadlineThatHasPassedDoesNotWaitAndReportsWhatIsReady() throws IOException {
        PollerProbe probe = probe();
        for (long nanos : new long[] {0, -1, -HOUR.toNanos(), -PollerProbe.FAR_NANOS}) {
            elsewhere(() -> probe.pollFor(nanos));
        }
        probe.add(connected().stream(), "a", Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
        probe.pollFor(-HOUR.toNanos());
        assertThat(probe.bits("a")).isEqualTo(Readiness.WRITABLE);
    }

    @Test
    void aWaitIsRoundedUpSoThatALoopDoesNotSpinBeforeItsDeadline() throws IOException {
        PollerProbe probe = probe();
        for (long nanos : new long[] {1, 90_000, 400_000, 999_999, 1_000_001, 1_300_000, 2_700_000}) {
            assertThat(probe.pollsFor(nanos)).as("polls in %d ns", nanos).isLessThanOrEqualTo(FEW);
        }
    }

    @Test
    void aDeadlineFarAwayDoesNotOverflow() throws IOException {
        for (long nanos : new long[] {PollerProbe.FAR_NANOS, Long.MAX_VALUE - 1, 3_000_000L * 1_000_000_000}) {
            Polling polling = new Polling(probe(), nanos);
            for (int i = 0; i < ROUNDS; i++) {
                int before = polling.returns.get();
                polling.probe.poller.wakeup();
                polling.awaitReturn(before);
            }
            assertThat(polling.end()).as("polls of %d ns", nanos).isBetween(ROUNDS, ROUNDS + FEW);
        }
    }

    // ---- interrupts

    @Test
    void aThreadThatIsInterruptedDoesNotWaitAndStaysInterrupted() throws IOException {
        PollerProbe probe = probe();
        AtomicBoolean stays = new AtomicBoolean();
        elsewhere(() -> {
            Thread.currentThread().interrupt();
            probe.pollFor(PollerProbe.FAR_NANOS);
            stays.set(Thread.interrupted());
        });
        assertThat(stays).as("is still interrupted").isTrue();
        assertThat(probe.pollsFor(2_000_000)).as("polls afterwards").isLessThanOrEqualTo(FEW);
    }

    @Test
    void anInterruptEndsAPollThatWaitsAndThePollerGoesOn() throws IOException {
        PollerProbe probe = probe();
        for (int i = 0; i < ROUNDS; i++) {
            AtomicBoolean stays = new AtomicBoolean();
            AtomicBoolean begun = new AtomicBoolean();
            Thread polling = spawn(() -> {
                begun.set(true);
                while (!Thread.currentThread().isInterrupted()) {
                    probe.pollFor(PollerProbe.FAR_NANOS);
                }
                stays.set(Thread.interrupted());
            });
            Await.until("it polls", begun::get);
            polling.interrupt();
            join(polling);
            assertThat(stays).isTrue();
        }
        probe.add(connected().stream(), "a", Interest.WRITABLE);
        probe.await("a", Readiness.WRITABLE);
    }
}
