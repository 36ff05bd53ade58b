package io.millio.net;

import io.millio.limit.RateLimiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What holds one direction of a connection to its own limit and to the one that it shares with others. Permits are
 * taken before bytes move, from the own limit first, and what was not used is given back in the same call: so an idle
 * connection has none. Without permits the direction is held, by a bit in the connection's state, until its turn comes.
 * Loop only.
 */
final class Pace {
    private final StreamConnection connection;
    private final int heldBit;
    private final @Nullable ByteGate own;
    private final @Nullable ByteGate shared;

    // The gate's, while it waits there.
    @Nullable
    ByteGate waitsAt;

    @Nullable
    Pace before;

    @Nullable
    Pace after;

    long wantedBytes;
    long sinceNanos;

    /** What it has of its own limit while it waits for the shared one. */
    private long ownBytes;

    /** What it may move now; given back when it returns. */
    private long granted;

    private Pace(StreamConnection connection, int heldBit, @Nullable ByteGate own, @Nullable ByteGate shared) {
        this.connection = connection;
        this.heldBit = heldBit;
        this.own = own;
        this.shared = shared;
    }

    /** The pace of a connection that has opened; null if nothing limits it. */
    static @Nullable Pace of(StreamConnection connection, int heldBit, ByteRate rate, @Nullable ByteGate shared) {
        if (rate.isUnlimited()) {
            return shared == null ? null : new Pace(connection, heldBit, null, shared);
        }
        RateLimiter limiter = RateLimiter.builder()
                .rate(rate.perSecond(), Duration.ofSeconds(1))
                .burst(rate.burst())
                .nanoClock(connection.loop()::nanoTime)
                .build();
        return new Pace(connection, heldBit, ByteGate.of(connection.net(), limiter), shared);
    }

    /** Takes permits for some of these bytes; 0: the direction is held until there are any. */
    long take(long bytes) {
        if (granted > 0) {
            long some = Math.min(granted, bytes);
            granted -= some;
            return some;
        }
        long some = bytes;
        if (own != null) {
            some = own.tryTake(bytes);
            if (some == 0) {
                hold();
                own.await(this, bytes);
                return 0;
            }
        }
        return shared == null ? some : takeShared(shared, some);
    }

    private long takeShared(ByteGate from, long ownTaken) {
        long some = from.tryTake(ownTaken);
        if (some == 0) {
            ownBytes = own == null ? 0 : ownTaken;
            hold();
            from.await(this, ownTaken);
        } else if (own != null) {
            own.giveBack(ownTaken - some);
        }
        return some;
    }

    private void hold() {
        connection.state |= heldBit;
    }

    /** So many have moved of those that were taken. */
    void moved(long taken, long bytes) {
        giveBack(taken - bytes);
        if (own != null) {
            own.passed(bytes);
        }
        if (shared != null) {
            shared.passed(bytes);
        }
    }

    /** Bytes had to move for which no permits were taken. */
    void owe(long bytes) {
        if (own != null) {
            own.owe(bytes);
            own.passed(bytes);
        }
        if (shared != null) {
            shared.owe(bytes);
            shared.passed(bytes);
        }
    }

    private void giveBack(long bytes) {
        if (own != null) {
            own.giveBack(bytes);
        }
        if (shared != null) {
            shared.giveBack(bytes);
        }
    }

    /** Its turn has come at a gate. */
    void goOn(ByteGate by, long bytes) {
        long some = bytes;
        if (by == shared) {
            if (own != null) {
                own.giveBack(ownBytes - bytes);
            }
            ownBytes = 0;
        } else if (shared != null) {
            some = takeShared(shared, bytes);
        }
        if (some == 0) {
            return;
        }
        granted = some;
        connection.state &= ~heldBit;
        connection.paced();
        long left = granted;
        granted = 0;
        giveBack(left);
    }

    /** Whether it may move bytes for which it has waited. */
    boolean isGranted() {
        return granted > 0;
    }

    /** The connection has ended, with so many bytes left to move. */
    void ended(long leftBytes) {
        ByteGate at = waitsAt;
        if (at != null) {
            at.leave(this);
        }
        if (own != null) {
            own.giveBack(ownBytes);
            own.dropped(leftBytes);
            own.close();
        }
        ownBytes = 0;
        if (shared != null) {
            shared.dropped(leftBytes);
        }
    }

    /** Of the own limit; null if there is none. Any thread that has the connection. */
    static @Nullable RateLimiter limiterOf(@Nullable Pace pace) {
        return pace == null || pace.own == null ? null : pace.own.limiter();
    }

    /** Of the own limit. Any thread that has the connection. */
    static LimitStats statsOf(@Nullable Pace pace) {
        return ByteGate.stats(pace == null ? null : pace.own);
    }
}
