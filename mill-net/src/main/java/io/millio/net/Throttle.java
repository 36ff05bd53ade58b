package io.millio.net;

import io.millio.limit.RateLimiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Holds one direction of a connection to its own limit and to the one that it shares with others. Without permits the
 * direction pauses, by a bit in the connection's state, until its turn comes. Loop thread only.
 */
final class Throttle {
    private final StreamConnection connection;
    private final int heldBit;
    private final @Nullable ThrottleQueue own;
    private final @Nullable ThrottleQueue shared;

    private long wantedBytes;
    private long sinceNanos;
    private boolean over;

    private Throttle(
            StreamConnection connection, int heldBit, @Nullable ThrottleQueue own, @Nullable ThrottleQueue shared) {
        this.connection = connection;
        this.heldBit = heldBit;
        this.own = own;
        this.shared = shared;
    }

    /** The throttle of a connection that opens; null if nothing limits it. */
    static @Nullable Throttle of(
            StreamConnection connection, int heldBit, ByteRate rate, @Nullable ThrottleQueue shared) {
        if (rate.isUnlimited()) {
            return shared == null ? null : new Throttle(connection, heldBit, null, shared);
        }
        RateLimiter limiter = RateLimiter.builder()
                .rate(rate.perSecond(), Duration.ofSeconds(1))
                .burst(rate.burst())
                .nanoClock(connection.loop()::nanoTime)
                .build();
        return new Throttle(connection, heldBit, ThrottleQueue.of(connection.net(), limiter), shared);
    }

    /** Takes permits for some of these bytes; 0: the direction pauses until there are any. */
    long take(long bytes) {
        long some = own == null ? bytes : own.tryTake(this, bytes);
        if (some == 0) {
            return pause(own, bytes);
        }
        if (shared == null) {
            return some;
        }
        long both = shared.tryTake(this, some);
        giveBack(own, some - both);
        return both == 0 ? pause(shared, some) : both;
    }

    private long pause(@Nullable ThrottleQueue at, long bytes) {
        connection.state |= heldBit;
        wantedBytes = bytes;
        sinceNanos = connection.loop().nanoTime();
        if (at != null) {
            at.await(this);
        }
        return 0;
    }

    private static void giveBack(@Nullable ThrottleQueue to, long bytes) {
        if (to != null) {
            to.giveBack(bytes);
        }
    }

    /** So many have moved of those that were taken. */
    void moved(long taken, long bytes) {
        giveBack(own, taken - bytes);
        giveBack(shared, taken - bytes);
        passed(bytes);
    }

    /** Bytes had to move for which no permits were taken. */
    void owe(long bytes) {
        if (own != null) {
            own.owe(bytes);
        }
        if (shared != null) {
            shared.owe(bytes);
        }
        passed(bytes);
    }

    private void passed(long bytes) {
        if (own != null) {
            own.passed(bytes);
        }
        if (shared != null) {
            shared.passed(bytes);
        }
    }

    long wantedBytes() {
        return wantedBytes;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /** Whether the connection has ended. */
    boolean isOver() {
        return over;
    }

    /** Its turn has come. */
    void resume() {
        if (!over) {
            connection.state &= ~heldBit;
            connection.settleLater(heldBit == ConnectionState.READ_HELD);
        }
    }

    /** The connection has ended, with so many bytes left to move. */
    void ended(long leftBytes) {
        over = true;
        if (own != null) {
            own.dropped(leftBytes);
            own.close();
        }
        if (shared != null) {
            shared.dropped(leftBytes);
        }
    }

    /** Of the own limit; null if there is none. Any thread that has the connection. */
    static @Nullable RateLimiter limiterOf(@Nullable Throttle of) {
        return of == null || of.own == null ? null : of.own.limiter();
    }

    /** Of the own limit. Any thread that has the connection. */
    static LimitStats statsOf(@Nullable Throttle of) {
        return ThrottleQueue.stats(of == null ? null : of.own);
    }
}
