package io.millio.net;

import io.millio.EventLoop;
import io.millio.internal.Arguments;
import io.millio.limit.RateLimiter;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds one direction of a connection to its own limit and to the one that it shares with others. Without permits the
 * direction pauses, by a bit in the connection's state, until its turn comes. Loop thread only.
 */
final class Throttle {
    final StreamConnection connection;
    private final int heldBit;
    private final @Nullable ThrottleQueue own;

    /** The own limit, then the shared one, as far as there are any. */
    private final ThrottleQueue[] limits;

    /** Behind it in the queue of the limit that it waits for. */
    @Nullable
    Throttle next;

    /** How many bytes it waits to move, and since when. */
    long wantedBytes;

    long sinceNanos;

    /** Whether the connection has ended. */
    boolean over;

    private Throttle(
            StreamConnection connection, int heldBit, @Nullable ThrottleQueue own, @Nullable ThrottleQueue shared) {
        this.connection = connection;
        this.heldBit = heldBit;
        this.own = own;
        this.limits = Stream.of(own, shared).filter(Objects::nonNull).toArray(ThrottleQueue[]::new);
    }

    /** The throttle of a connection that opens; null if nothing limits it. */
    static @Nullable Throttle of(
            StreamConnection connection, int heldBit, @Nullable ByteRate rate, @Nullable ThrottleQueue shared) {
        if (rate == null && shared == null) {
            return null;
        }
        EventLoop loop = connection.loop();
        ThrottleQueue own = rate == null ? null : new ThrottleQueue(loop, rate.newLimiter(loop::nanoTime));
        return new Throttle(connection, heldBit, own, shared);
    }

    /** Takes permits for some of these bytes; 0: the direction pauses until there are any. */
    long take(long bytes) {
        long taken = bytes;
        for (ThrottleQueue limit : limits) {
            long some = limit.tryTake(this, taken);
            if (own != null && own != limit) {
                own.giveBack(taken - some);
            }
            if (some == 0) {
                connection.state |= heldBit;
                wantedBytes = taken;
                sinceNanos = connection.loop().nanoTime();
                limit.await(this);
                return 0;
            }
            taken = some;
        }
        return taken;
    }

    /** So many have moved of those that were taken. */
    void moved(long taken, long bytes) {
        for (ThrottleQueue limit : limits) {
            limit.moved(taken, bytes);
        }
    }

    /** Bytes had to move for which no permits were taken. */
    void owe(long bytes) {
        for (ThrottleQueue limit : limits) {
            limit.owe(bytes);
        }
    }

    /** Its turn has come. */
    void resume() {
        if (!over) {
            connection.state &= ~heldBit;
            connection.settleLater(heldBit == ConnectionState.READ_HELD);
        }
    }

    /** Its turn has failed outside of the connection's own guard. */
    void failed(Throwable why) {
        connection.settlingFailed(why);
    }

    /** The connection has ended, with so many bytes left to move. */
    void ended(long leftBytes) {
        over = true;
        for (ThrottleQueue limit : limits) {
            limit.dropped(leftBytes);
        }
        if (own != null) {
            own.close();
        }
    }

    /** Of the own limit; null if there is none. Any thread that has the connection. */
    static @Nullable RateLimiter limiterOf(@Nullable Throttle of) {
        return of == null || of.own == null ? null : of.own.limiter;
    }

    /** Of the own limit. Any thread that has the connection. */
    static LimitStats statsOf(@Nullable Throttle of) {
        return ThrottleQueue.stats(of == null ? null : of.own);
    }

    /**
     * How fast one direction of a connection may go.
     *
     * @param burst how many bytes at once after a rest
     */
    record ByteRate(long perSecond, long burst) {
        /** Checked, with the name of the setting. */
        static ByteRate of(long bytesPerSecond, long burstBytes, String setting) {
            Arguments.atLeast(1, bytesPerSecond, setting + " bytesPerSecond");
            Arguments.atLeast(1, burstBytes, setting + " burstBytes");
            ByteRate rate = new ByteRate(bytesPerSecond, burstBytes);
            try {
                RateLimiter unused = rate.newLimiter(System::nanoTime);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
            }
            return rate;
        }

        RateLimiter newLimiter(LongSupplier nanoClock) {
            return RateLimiter.builder()
                    .rate(perSecond, Duration.ofSeconds(1))
                    .burst(burst)
                    .nanoClock(nanoClock)
                    .build();
        }
    }
}
