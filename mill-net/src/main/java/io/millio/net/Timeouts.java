package io.millio.net;

import io.millio.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The idle, write-stall and close timeouts of one connection, created when it has one. Activity stores a time; one
 * timer, when it fires too early for that time, waits for the rest. Loop thread only.
 */
final class Timeouts implements Runnable {
    private static final long NEVER = Long.MAX_VALUE;

    private final StreamConnection connection;
    private @Nullable Timer timer;

    // What the timer waits for; meaningful while it does.
    private long firesNanos;

    private long readNanos;
    private long wroteNanos;
    private long blockedNanos;
    private boolean blocked;
    private long closingNanos;
    private boolean closing;

    private Timeouts(StreamConnection connection) {
        this.connection = connection;
        this.readNanos = now();
        this.wroteNanos = readNanos;
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

    private long now() {
        return connection.loop().nanoTime();
    }

    void read() {
        readNanos = now();
    }

    void wrote() {
        wroteNanos = now();
    }

    /** The system does not take what there is to write: the wait begins, or goes on. */
    void blocked() {
        if (!blocked) {
            blocked = true;
            blockedNanos = now();
            arm();
        }
    }

    /** The peer has to take the rest, or to close its side: the wait begins, or goes on. */
    void closing() {
        if (!closing && !connection.is(ConnectionState.ENDING)) {
            closing = true;
            closingNanos = now();
            arm();
        }
    }

    void stop() {
        NetLoop.cancel(timer);
    }

    /** Starts the timer for the first timeout that there is, or leaves it if it fires before that. */
    void arm() {
        long now = now();
        long waitNanos = Math.min(idleLeft(now), Math.min(stallLeft(now), closeLeft(now)));
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

    /** How long until the first of the idle timeouts is over. */
    private long idleLeft(long now) {
        ConnectionOptions options = connection.options();
        return Math.min(
                Math.min(left(now, readNanos, options.readIdleNanos), left(now, wroteNanos, options.writeIdleNanos)),
                left(now, later(readNanos, wroteNanos), options.idleNanos));
    }

    private long stallLeft(long now) {
        return blocked ? left(now, later(blockedNanos, wroteNanos), connection.options().writeStallNanos) : NEVER;
    }

    private long closeLeft(long now) {
        return closing ? left(now, closingNanos, connection.options().closeNanos) : NEVER;
    }

    private static long left(long now, long sinceNanos, long timeoutNanos) {
        return timeoutNanos == 0 ? NEVER : timeoutNanos - (now - sinceNanos);
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /** The timer has fired. */
    @Override
    public void run() {
        long now = now();
        blocked = blocked && connection.is(ConnectionState.BLOCKED);
        if (closeLeft(now) <= 0) {
            Closing.timedOut(connection);
        } else if (stallLeft(now) <= 0) {
            Closing.reset(connection, CloseCause.WRITE_STALL);
        } else if (idleLeft(now) > 0) {
            arm();
        } else if (connection.requested(ConnectionState.CLOSE)) {
            connection.end(CloseCause.IDLE_TIMEOUT, null); // it has had that long to close
        } else {
            readNanos = now;
            wroteNanos = now;
            connection.closeFor(CloseCause.IDLE_TIMEOUT, null);
            arm();
        }
    }
}
