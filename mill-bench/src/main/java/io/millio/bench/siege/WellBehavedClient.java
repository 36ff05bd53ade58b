package io.millio.bench.siege;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A client that does no harm: some connections that it opens at first and keeps, with a request on each every 25 ms,
 * and new connections all the time, with one request each. A request is measured from when it was due, so that one
 * answer that takes long shows in those behind it. A thread for each connection; the methods are for one other thread.
 */
final class WellBehavedClient implements AutoCloseable {
    private static final int OLD_CONNECTIONS = 8;
    private static final int OPENERS = 4;
    private static final long PERIOD_NANOS = 25_000_000;
    private static final long OPENING_PERIOD_NANOS = 100_000_000;
    private static final int OLD_TIMEOUT_MILLIS = 10_000;

    /** A new connection that is not answered by then counts as not accepted. */
    private static final int NEW_TIMEOUT_MILLIS = 2_000;

    /** What happens meanwhile. */
    enum Phase {
        UNCOUNTED,
        PEACE,
        ATTACK
    }

    private final Protocol protocol;
    private final int port;
    private final SSLContext tls;
    private final Map<Phase, Latencies> old = latencies();
    private final Map<Phase, Latencies> first = latencies();
    private final AtomicInteger newTried = new AtomicInteger();
    private final AtomicInteger oldErrors = new AtomicInteger();
    private final List<Dialog> dialogs = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    // Volatile: written by the siege's thread, read by those of the connections.
    private volatile Phase phase = Phase.UNCOUNTED;
    private volatile boolean closing;

    /** Opens the connections that it keeps, has each answered once, and begins. */
    WellBehavedClient(Protocol protocol, int port, SSLContext tls) throws IOException {
        this.protocol = protocol;
        this.port = port;
        this.tls = tls;
        boolean begun = false;
        try {
            for (int i = 0; i < OLD_CONNECTIONS; i++) {
                Dialog dialog = Dialog.open(protocol, port, OLD_TIMEOUT_MILLIS, tls);
                dialogs.add(dialog);
                dialog.ask();
            }
            begun = true;
        } finally {
            if (!begun) {
                close();
            }
        }
        for (Dialog dialog : dialogs) {
            start(() -> keepAsking(dialog));
        }
        for (int i = 0; i < OPENERS; i++) {
            start(this::keepOpening);
        }
    }

    private static Map<Phase, Latencies> latencies() {
        Map<Phase, Latencies> each = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            each.put(phase, new Latencies());
        }
        return each;
    }

    private void start(Runnable action) {
        Thread thread = new Thread(action, "well-behaved-" + threads.size());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void keepAsking(Dialog dialog) {
        long due = System.nanoTime();
        try {
            while (!closing) {
                due = awaitDue(due);
                Phase asked = phase;
                dialog.ask();
                of(old, asked).add(System.nanoTime() - due);
                due += PERIOD_NANOS;
            }
        } catch (IOException e) {
            if (!closing) {
                oldErrors.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepOpening() {
        long due = System.nanoTime();
        try {
            while (!closing) {
                due = awaitDue(due);
                Phase opened = phase;
                long nanos = openOne();
                if (opened == Phase.ATTACK) {
                    newTried.incrementAndGet();
                }
                if (nanos >= 0) {
                    of(first, opened).add(nanos);
                }
                due = System.nanoTime() + OPENING_PERIOD_NANOS;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long awaitDue(long due) throws InterruptedException {
        long wait = due - System.nanoTime();
        if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
        return due;
    }

    private static Latencies of(Map<Phase, Latencies> all, Phase phase) {
        return Objects.requireNonNull(all.get(phase));
    }

    /** Opens a connection and has it answered; returns how long both took, or -1 if that failed or took too long. */
    private long openOne() {
        long begun = System.nanoTime();
        try (Dialog dialog = Dialog.open(protocol, port, NEW_TIMEOUT_MILLIS, tls)) {
            dialog.ask();
            return System.nanoTime() - begun;
        } catch (IOException e) {
            return -1;
        }
    }

    void phase(Phase next) {
        phase = next;
    }

    /** Opens so many connections, one after the other; returns whether all were answered. */
    boolean allAnswered(int connections) {
        for (int i = 0; i < connections; i++) {
            if (openOne() < 0) {
                return false;
            }
        }
        return true;
    }

    /** How many of the connections that it keeps have failed, of {@link #oldConnections}. */
    int oldErrors() {
        return oldErrors.get();
    }

    static int oldConnections() {
        return OLD_CONNECTIONS;
    }

    /** Of the requests on connections that it keeps. */
    double p99Millis(Phase of) {
        return of(old, of).millisAt(0.99);
    }

    /** Of the new connections during the attack: the share that was answered; NaN without any. */
    double newShare() {
        return newTried.get() == 0
                ? Double.NaN
                : Math.min(1, (double) of(first, Phase.ATTACK).count() / newTried.get());
    }

    /** From connecting to the answer, of new connections during the attack. */
    double firstAnswerMillis() {
        return of(first, Phase.ATTACK).millisAt(0.5);
    }

    @Override
    public void close() throws IOException {
        closing = true;
        for (Dialog dialog : dialogs) {
            dialog.close();
        }
        try {
            for (Thread each : threads) {
                each.join(2L * NEW_TIMEOUT_MILLIS + 1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
