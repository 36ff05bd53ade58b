package io.millio.net;

import io.millio.EventLoop;
import io.millio.internal.Exceptions;
import io.millio.net.wire.TlsBuffers;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one loop share: the buffers that are in use during a turn only, and the list of those that
 * have something to do at its end. One for each loop that has connections. Its state is the turn's.
 */
final class NetLoop implements Runnable {
    private static final long LOG_PAUSE_NANOS = 1_000_000_000;

    // Guarded by itself. Weak on both sides: the loop and its connections keep each other, nothing keeps them here.
    private static final Map<EventLoop, WeakReference<NetLoop>> BY_LOOP = new WeakHashMap<>();

    final EventLoop loop;

    final ConnectionReader reader = new ConnectionReader(this);
    final ConnectionWriter writer = new ConnectionWriter(this);
    private @Nullable TlsBuffers tlsBuffers;

    private @Nullable StreamConnection[] later = new StreamConnection[16];
    private @Nullable StreamConnection[] spare = new StreamConnection[16];
    private int laterCount;
    private boolean queued;

    private long loggedNanos;
    private long unlogged;

    private NetLoop(EventLoop loop) {
        this.loop = loop;
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

    /** Has a connection settle when the callbacks of this turn are done. */
    void later(StreamConnection connection) {
        if (connection.is(ConnectionState.DUE)) {
            return;
        }
        if (laterCount == later.length) {
            later = Arrays.copyOf(later, laterCount * 2);
        }
        later[laterCount++] = connection;
        connection.state |= ConnectionState.DUE;
        if (!queued) {
            try {
                loop.execute(this);
                queued = true;
            } catch (RejectedExecutionException e) {
                // The loop is closing: the end of each connection is reported, which settles everything.
                forgetLater();
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

    private void forgetLater() {
        for (int i = 0; i < laterCount; i++) {
            Objects.requireNonNull(later[i]).state &= ~ConnectionState.DUE;
            later[i] = null;
        }
        laterCount = 0;
    }

    /** The end of the turn. What comes up meanwhile has its turn in the next round of tasks. */
    @Override
    public void run() {
        queued = false;
        @Nullable StreamConnection[] due = later;
        int count = laterCount;
        later = spare;
        laterCount = 0;
        Throwable thrown = null;
        for (int i = 0; i < count; i++) {
            StreamConnection connection = Objects.requireNonNull(due[i]);
            due[i] = null;
            connection.state &= ~ConnectionState.DUE;
            try {
                connection.settleLater(false);
            } catch (Throwable t) { // it harms only itself: the others still settle
                thrown = t;
            }
        }
        spare = due;
        if (thrown != null) {
            Exceptions.rethrow(thrown);
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
