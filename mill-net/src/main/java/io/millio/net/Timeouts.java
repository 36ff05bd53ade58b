package io.millio.net;

import io.millio.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one connection, made when it has one. Activity stores a time; one timer, when it fires too early for
 * that time, waits for the rest. The turn's.
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
    private long closingNanos;
    private boolean blocked;
    private boolean closing;

    Timeouts(StreamConnection connection) {
        this.connection = connection;
        this.readNanos = now();
        this.wroteNanos = readNanos;
    }

    private long now() {
        return connection.loop().nanoTime();
    }

    /** The connection has opened, and has idle timeouts. */
    void start() {
        arm();
    }

    void read() {
        readNanos = now();
    }

    void wrote() {
        wroteNanos = now();
    }

    /** The system does not take what there is to write: the wait begins, or goes on. */
    void blocked() {
        if (!blocked && connection.options().writeStallNanos() != 0) {
            blocked = true;
            blockedNanos = now();
            arm();
        }
    }

    /** The wait for the peer to take the rest begins, or goes on. */
    void closing() {
        if (!closing && connection.options().closeNanos() != 0) {
            closing = true;
            closingNanos = now();
            arm();
        }
    }

    void stop() {
        Timer known = timer;
        if (known != null) {
            known.cancel();
        }
    }

    private void arm() {
        long dueNanos = nextDueNanos(now());
        if (dueNanos == NEVER) {
            return;
        }
        Timer known = timer;
        if (known != null && known.isWaiting() && firesNanos - dueNanos <= 0) {
            return;
        }
        firesNanos = dueNanos;
        long delayNanos = Math.max(0, dueNanos - now());
        if (known == null || !known.restartNanos(delayNanos)) {
            timer = connection.loop().scheduleNanos(delayNanos, this);
        }
    }

    /** When the next of the timeouts would be over. */
    private long nextDueNanos(long now) {
        ConnectionOptions options = connection.options();
        long wait = NEVER;
        wait = nearer(wait, now, readNanos, options.readIdleNanos());
        wait = nearer(wait, now, wroteNanos, options.writeIdleNanos());
        wait = nearer(wait, now, lastNanos(), options.idleNanos());
        if (blocked) {
            wait = nearer(wait, now, stalledNanos(), options.writeStallNanos());
        }
        if (closing) {
            wait = nearer(wait, now, closingNanos, options.closeNanos());
        }
        return wait == NEVER ? NEVER : now + wait;
    }

    private static long nearer(long wait, long now, long sinceNanos, long timeoutNanos) {
        return timeoutNanos == 0 ? wait : Math.min(wait, timeoutNanos - (now - sinceNanos));
    }

    private long lastNanos() {
        return readNanos - wroteNanos > 0 ? readNanos : wroteNanos;
    }

    private long stalledNanos() {
        return blockedNanos - wroteNanos > 0 ? blockedNanos : wroteNanos;
    }

    /** The timer has fired. */
    @Override
    public void run() {
        long now = now();
        blocked = blocked && connection.is(ConnectionState.BLOCKED);
        ConnectionOptions options = connection.options();
        if (isOver(now, readNanos, options.readIdleNanos())
                || isOver(now, wroteNanos, options.writeIdleNanos())
                || isOver(now, lastNanos(), options.idleNanos())) {
            connection.end(CloseCause.IDLE_TIMEOUT, null);
        } else if (blocked && isOver(now, stalledNanos(), options.writeStallNanos())) {
            connection.reset(CloseCause.WRITE_STALL, null);
        } else if (closing && isOver(now, closingNanos, options.closeNanos())) {
            connection.closeTimedOut();
        } else {
            arm();
        }
    }

    private static boolean isOver(long now, long sinceNanos, long timeoutNanos) {
        return timeoutNanos != 0 && now - sinceNanos >= timeoutNanos;
    }
}
