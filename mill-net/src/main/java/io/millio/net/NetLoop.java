package io.millio.net;

import io.millio.EventLoop;
import io.millio.net.wire.TlsBuffers;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
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
    static final int BUFFER_BYTES = 64 * 1024;

    /** The most buffers that one write gathers. */
    static final int GATHER_BUFFERS = 64;

    private static final long LOG_PAUSE_NANOS = 1_000_000_000;

    // Guarded by itself. Weak on both sides: the loop and its connections keep each other, nobody keeps them here.
    private static final Map<EventLoop, WeakReference<NetLoop>> BY_LOOP = new WeakHashMap<>();

    final EventLoop loop;

    /** What a read fills. */
    final ByteBuffer readBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** What the callback under way has written, if it is little: of the connection that is current. */
    final ByteBuffer gather = ByteBuffer.allocateDirect(BUFFER_BYTES);

    private @Nullable TlsBuffers tlsBuffers;

    /** For gathering writes; in between it holds nothing but {@link #gather}. */
    final ByteBuffer[] vector = new ByteBuffer[GATHER_BUFFERS];

    private @Nullable StreamConnection[] later = new StreamConnection[16];
    private @Nullable StreamConnection[] spare = new StreamConnection[16];
    private int laterCount;
    private boolean queued;

    private long loggedNanos;
    private long unlogged;

    private NetLoop(EventLoop loop) {
        this.loop = loop;
        Arrays.fill(vector, gather);
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
        if (connection.isDue()) {
            return;
        }
        connection.due(true);
        if (laterCount == later.length) {
            later = Arrays.copyOf(later, laterCount * 2);
        }
        later[laterCount++] = connection;
        if (!queued) {
            try {
                loop.execute(this);
                queued = true;
            } catch (RejectedExecutionException e) {
                // The loop is closing: each connection is told its end, which settles everything.
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
            Objects.requireNonNull(later[i]).due(false);
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
        for (int i = 0; i < count; i++) {
            StreamConnection connection = Objects.requireNonNull(due[i]);
            due[i] = null;
            connection.due(false);
            connection.settleLater();
        }
        spare = due;
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
