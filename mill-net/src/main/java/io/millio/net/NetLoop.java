package io.millio.net;

import io.millio.EventLoop;
import io.millio.Timer;
import io.millio.internal.Exceptions;
import io.millio.internal.Persistently;
import io.millio.internal.RunSubject;
import io.millio.net.memory.MemoryBudget;
import io.millio.net.wire.Chunk;
import io.millio.net.wire.DatagramBuffers;
import io.millio.net.wire.TlsBuffers;
import io.millio.transport.Transport;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one loop share: the buffers that are in use during a turn only, and the list of those that
 * have something to do at its end. One for each loop that has connections. Its state is the turn's.
 */
final class NetLoop implements Runnable, RunSubject {
    private static final long LOG_PAUSE_NANOS = 1_000_000_000;

    /** After the last connection has gone, the shared pool is looked through so often, and at these intervals. */
    private static final int TRIMS = 3;

    private static final long TRIM_NANOS = 1_000_000_000;

    /** How much of the shared pool is not worth that. */
    private static final long KEPT_BYTES = 2 << 20;

    // Guarded by itself. Weak on both sides: the loop and its connections keep each other, nothing keeps them here.
    private static final Map<EventLoop, WeakReference<NetLoop>> BY_LOOP = new WeakHashMap<>();

    final EventLoop loop;

    final ConnectionReader reader = new ConnectionReader(this);
    final ConnectionWriter writer = new ConnectionWriter(this);
    private @Nullable TlsBuffers tlsBuffers;
    private @Nullable DatagramBuffers datagrams;

    // Guarded by itself: one for each budget that connections of this loop have.
    private final List<MemoryGuard> memories = new ArrayList<>();

    private List<StreamConnection> later = new ArrayList<>();
    private List<StreamConnection> spare = new ArrayList<>();
    private boolean queued;

    // Opaque: the connection that settles in the task, for reports from other threads.
    private final AtomicReference<@Nullable StreamConnection> settling = new AtomicReference<>();

    // Of the trims that are still to come; the task is made beforehand.
    private final Runnable trim;
    private int trims;
    private @Nullable Timer trimTimer;

    private long loggedNanos;
    private long unlogged;

    private NetLoop(EventLoop loop) {
        this.loop = loop;
        this.trim = RunSubject.task(this, this::trim);
        this.loggedNanos = loop.nanoTime() - LOG_PAUSE_NANOS;
    }

    /** The one of a loop. Any thread. */
    static NetLoop of(EventLoop loop) {
        Objects.requireNonNull(loop, "loop");
        synchronized (BY_LOOP) {
            WeakReference<NetLoop> known = BY_LOOP.get(loop);
            NetLoop net = known == null ? null : known.get();
            if (net == null) {
                net = new NetLoop(loop);
                BY_LOOP.put(loop, new WeakReference<>(net));
            }
            return net;
        }
    }

    /** What this loop uses of a budget. Any thread. */
    MemoryGuard memory(MemoryBudget budget) {
        synchronized (memories) {
            for (MemoryGuard each : memories) {
                if (each.total == budget.total()) {
                    return each;
                }
            }
            MemoryGuard added = new MemoryGuard(this, budget.total());
            memories.add(added);
            added.total.add(added);
            return added;
        }
    }

    /** Has a connection settle when the callbacks of this turn are done. */
    void later(StreamConnection connection) {
        for (int attempt = 1; !connection.is(ConnectionState.DUE); attempt++) {
            try {
                addLater(connection);
                return;
            } catch (OutOfMemoryError | StackOverflowError e) { // else no later event might settle it
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void addLater(StreamConnection connection) {
        later.add(connection);
        connection.state |= ConnectionState.DUE;
        if (!queued) {
            try {
                loop.execute(this);
                queued = true;
            } catch (RejectedExecutionException e) {
                // The loop is closing: the end of each connection is reported, which settles everything.
            } finally {
                if (!queued) { // the list holds this one only
                    connection.state &= ~ConnectionState.DUE;
                    later.clear();
                }
            }
        }
    }

    /** Those of TLS, for who has it. */
    TlsBuffers tlsBuffers() {
        TlsBuffers known = tlsBuffers;
        if (known == null) {
            known = new TlsBuffers();
            tlsBuffers = known;
        }
        return known;
    }

    /** Those of datagrams, for who has such. */
    DatagramBuffers datagrams() {
        DatagramBuffers known = datagrams;
        if (known == null) {
            known = new DatagramBuffers();
            datagrams = known;
        }
        return known;
    }

    /** The end of the turn. What comes up meanwhile has its turn in the next round of tasks. */
    @Override
    public void run() {
        queued = false;
        List<StreamConnection> due = later;
        later = spare;
        Throwable thrown = null;
        for (int i = 0; i < due.size(); i++) { // an iterator would be garbage
            StreamConnection connection = due.get(i);
            connection.state &= ~ConnectionState.DUE;
            settles(connection);
            try {
                connection.settleLater(false);
            } catch (Throwable t) { // it harms only itself: the others still settle
                thrown = t;
            }
        }
        settles(null);
        due.clear();
        spare = due;
        if (thrown != null) {
            Exceptions.rethrow(thrown);
        }
    }

    /** Says what a task that settles many works on now; null: on none. Loop thread only. */
    void settles(@Nullable StreamConnection connection) {
        settling.setOpaque(connection);
    }

    @Override
    public Object runSubject() {
        return Objects.requireNonNullElse(settling.getOpaque(), this);
    }

    /** Reports what a callback threw; throws it where the loop is closed, which then reports it itself. */
    void report(Object subject, Throwable thrown) {
        try {
            Persistently.report(loop, subject, thrown);
        } catch (RejectedExecutionException e) {
            Exceptions.rethrow(thrown);
        }
    }

    /**
     * A connection has gone: buffers of the shared pool that are not used for some seconds are dropped, as a burst
     * would else take their memory for good. Not in a simulation, which must not depend on what else uses the pool.
     * Loop thread only.
     */
    void trimSoon() {
        boolean armed = trims > 0;
        if (Chunk.SHARED.heldBytes() > KEPT_BYTES && loop.transport().process() == Transport.class) {
            trims = TRIMS;
            if (!armed) {
                startTrim();
            }
        }
    }

    private void startTrim() {
        boolean started = false;
        try {
            trimTimer = start(trimTimer, loop, TRIM_NANOS, trim);
            started = true;
        } catch (RejectedExecutionException e) {
            // The loop is closing.
        } finally {
            trims = started ? trims : 0;
        }
    }

    private void trim() {
        int left = trims - 1;
        trims = 0; // if this throws, the next connection that goes begins anew
        int unused = Chunk.SHARED.trim(TRIM_NANOS / 2);
        if (left > 0) {
            trims = left;
            startTrim();
        }
    }

    /** Starts a timer anew, or the first one for a task. */
    static Timer start(@Nullable Timer timer, EventLoop loop, long nanos, Runnable task) {
        return timer != null && timer.restartNanos(nanos) ? timer : loop.scheduleNanos(nanos, task);
    }

    static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Writes a line about bad input to the log, at most one a second. */
    void log(String line) {
        long now = loop.nanoTime();
        if (now - loggedNanos < LOG_PAUSE_NANOS) {
            unlogged++;
            return;
        }
        String more = unlogged == 0 ? "" : " (and " + unlogged + " more since the last line)";
        loggedNanos = now;
        unlogged = 0;
        System.getLogger("io.millio.net").log(Level.WARNING, () -> line + more);
    }
}
