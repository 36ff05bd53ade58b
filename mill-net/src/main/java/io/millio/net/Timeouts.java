package io.millio.net;

import io.millio.Timer;
import io.millio.internal.RunSubject;
import org.jspecify.annotations.Nullable;

/**
 * The idle, write-stall and close timeouts of one connection, created when it has one. Activity stores a time; one
 * timer, when it fires too early for that time, waits for the rest. Loop thread only.
 */
final class Timeouts implements Runnable, RunSubject {
    private static final long NEVER = Long.MAX_VALUE;

    private final StreamConnection connection;
    private @Nullable Timer timer;

    // What the timer waits for; meaningful while it does.
    private long firesNanos;

    private long readNanos;
    private long wroteNanos;
    private long idleReportedNanos;
    private long blockedNanos;
    private boolean blocked;

    // Of a connection that is closing: since when, since when progress is measured, and how many bytes that was.
    private boolean closing;
    private long closingNanos;
    private long progressNanos;
    private long progressBytes;
    long discardedBytes;

    // Since when it is held for want of memory, if it is; until when it was, and how long that lasted.
    private long memoryHeldSince;
    private long memoryHeldUntil;
    private long memoryHeldBefore;

    private Timeouts(StreamConnection connection) {
        this.connection = connection;
        this.readNanos = now();
        this.wroteNanos = readNanos;
        this.idleReportedNanos = readNanos;
    }

    /** Those of a connection, created when it has one. */
    static Timeouts of(StreamConnection connection) {
        Timeouts known = connection.timeouts;
        if (known == null) {
            known = new Timeouts(connection);
            connection.timeouts = known;
        }
        return known;
    }

    /** The clock's and not the turn's: in a long turn a timeout would begin too early. */
    private long now() {
        return connection.loop().nanoClock().getAsLong();
    }

    void read() {
        readNanos = now();
    }

    void wrote(long bytes) {
        wroteNanos = now();
        progressBytes += bytes;
    }

    /** The system does not take what there is to write: the wait begins, or goes on. */
    void blocked() {
        if (!blocked) {
            blocked = true;
            blockedNanos = now();
            arm();
        }
    }

    /** The peer has to take the rest: the wait begins, or goes on. */
    void closing() {
        if (!closing) {
            closing = true;
            closingNanos = now();
            measureProgress(closingNanos);
        }
    }

    /** All is written, and the peer has to close its side: the wait begins. */
    void lingering() {
        closing();
        measureProgress(now());
    }

    private void measureProgress(long now) {
        progressNanos = now;
        progressBytes = 0;
        if (!connection.is(ConnectionState.ENDING)) {
            arm();
        }
    }

    /**
     * It is not read from now on, for want of memory. What it was held before counts, unless that ended so long ago:
     * level changes must not prolong the wait.
     */
    void memoryHeld(long forgetNanos) {
        long now = now();
        if (now - memoryHeldUntil > forgetNanos) {
            memoryHeldBefore = 0;
        }
        memoryHeldSince = now;
    }

    void memoryResumed() {
        memoryHeldBefore = memoryHeldNanos();
        memoryHeldUntil = now();
    }

    /** How long it has been held for want of memory. */
    long memoryHeldNanos() {
        return memoryHeldBefore + now() - memoryHeldSince;
    }

    void stop() {
        NetLoop.cancel(timer);
    }

    /** Starts the timer for the first timeout that there is, or leaves it if it fires before that. */
    void arm() {
        long now = now();
        long waitNanos =
                Math.min(Math.min(idleLeft(now), writeIdleLeft(now)), Math.min(stallLeft(now), closeLeft(now)));
        if (waitNanos == NEVER) {
            return;
        }
        Timer known = timer;
        if (known != null && known.isWaiting() && firesNanos - (now + waitNanos) <= 0) {
            return;
        }
        firesNanos = now + waitNanos;
        timer = NetLoop.start(known, connection.loop(), Math.max(0, waitNanos), this);
    }

    /** How long until the first of the idle timeouts is over. One that closes has limits of its own. */
    private long idleLeft(long now) {
        if (connection.requested(ConnectionState.CLOSE)) {
            return NEVER;
        }
        ConnectionOptions options = connection.options();
        return Math.min(
                left(now, readNanos, options.readIdleNanos),
                left(now, later(readNanos, wroteNanos), options.idleNanos));
    }

    /** How long until the handler is notified that nothing was written. */
    private long writeIdleLeft(long now) {
        return connection.requested(ConnectionState.CLOSE)
                ? NEVER
                : left(now, later(idleReportedNanos, wroteNanos), connection.options().writeIdleNanos);
    }

    private long stallLeft(long now) {
        return blocked ? left(now, later(blockedNanos, wroteNanos), connection.options().writeStallNanos) : NEVER;
    }

    private long closeLeft(long now) {
        return closing ? Math.min(left(now, progressNanos, connection.options().closeNanos), maxCloseLeft(now)) : NEVER;
    }

    /** How long until the maximum time of a close is over; a file is not bounded by it, as it takes no memory here. */
    private long maxCloseLeft(long now) {
        WriteQueue queue = connection.queue;
        if (queue != null && queue.pending.head instanceof PendingFile) {
            closingNanos = now;
        }
        return left(now, closingNanos, connection.options().maxCloseNanos);
    }

    /** Whether the peer has taken enough since progress is measured; when a limit of bytes holds it up, it can't. */
    private boolean hasProgress(long now) {
        ConnectionOptions options = connection.options();
        double least = Math.max(1, options.minCloseRate * (options.closeNanos / 1e9));
        return maxCloseLeft(now) > 0
                && !connection.is(ConnectionState.LINGERING)
                && (progressBytes >= least || connection.is(ConnectionState.WRITE_HELD));
    }

    private static long left(long now, long sinceNanos, long timeoutNanos) {
        return timeoutNanos == 0 ? NEVER : timeoutNanos - (now - sinceNanos);
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    @Override
    public Object runSubject() {
        return connection;
    }

    /** The timer has fired. */
    @Override
    public void run() {
        long now = now();
        blocked = blocked && connection.is(ConnectionState.BLOCKED);
        if (closeLeft(now) <= 0) {
            if (hasProgress(now)) {
                measureProgress(now);
            } else {
                Closing.timedOut(connection);
            }
        } else if (stallLeft(now) <= 0) {
            Closing.reset(connection, CloseCause.WRITE_STALL);
        } else if (idleLeft(now) <= 0) {
            connection.closeFor(CloseCause.IDLE_TIMEOUT, null);
        } else {
            if (writeIdleLeft(now) <= 0) {
                idleReportedNanos = now;
                connection.reportIdle();
            }
            if (!connection.is(ConnectionState.ENDING)) {
                arm();
            }
        }
    }
}
