package io.millio.limit;

import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The same limit for each of many keys: for each remote address, say.
 *
 * <p>It knows a bounded number of keys. One that has rested until its burst is full again is as good as unknown, so it
 * may be forgotten: that happens when place is needed, and by {@link #trim}. When all are in use, new keys share one
 * overflow limit of the same rate and burst, until one of the others has rested: so no key is let off its limit, and
 * many keys cannot lock out new ones for good.
 *
 * <p>Any thread; no call waits. Known keys: O(1), lock-free, no garbage. New ones: O(1); at the bound, a look at up to
 * 64 others.
 *
 * @param <K> the keys: with {@code equals} and {@code hashCode}
 */
public final class KeyedRateLimiter<K> {
    private static final int LOOK_AT_MOST = 64;

    private final LongSupplier nanoClock;
    private final int maxKeys;
    private final ConcurrentHashMap<K, Meter> meters = new ConcurrentHashMap<>();

    // Atomic, of all threads.
    private final AtomicLong overflows = new AtomicLong();

    // Volatile: replaced under the monitor, read by any thread.
    private volatile Settings settings;

    // Volatile: replaced under the monitor, read by any thread. Shared by the keys for which there is no place.
    private volatile Meter overflow;

    // All guarded by the monitor.
    private int keys;
    private Iterator<Meter> hand;

    private record Settings(Rate rate, long burst) {}

    KeyedRateLimiter(Rate rate, long burst, LongSupplier nanoClock, int maxKeys) {
        this.settings = new Settings(rate, burst);
        this.nanoClock = nanoClock;
        this.maxKeys = maxKeys;
        this.overflow = new Meter(rate, burst, nanoClock.getAsLong(), burst);
        this.hand = meters.values().iterator();
    }

    /** Takes one permit of a key if it is available now. */
    public boolean tryAcquire(K key) {
        return tryAcquire(key, 1);
    }

    /**
     * Takes permits of a key if they are available now.
     *
     * @param permits how many, from 1 up to the burst
     * @return false if they are not, and then none is taken
     * @throws IllegalArgumentException if they can never be available at once
     */
    public boolean tryAcquire(K key, long permits) {
        Objects.requireNonNull(key, "key");
        while (true) {
            RateLimiter.checkObtainable(permits, settings.burst());
            long now = nanoClock.getAsLong();
            Meter meter = meters.get(key);
            if (meter == null) {
                meter = admit(key, now);
            }
            long wait = (meter == null ? overflow : meter).take(permits, now, 0);
            if (wait != Meter.CLOSED) {
                if (meter == null) {
                    overflows.incrementAndGet();
                }
                return wait == 0;
            }
            Thread.onSpinWait(); // forgotten or replaced just now: by a thread that holds the monitor
        }
    }

    /**
     * Returns how long until permits of a key are available if no other call takes any: 0 for a key that is not known
     * and has a place.
     *
     * @param permits how many, from 1 up to the burst
     * @return nanoseconds
     */
    public long nanosUntilAvailable(K key, long permits) {
        Objects.requireNonNull(key, "key");
        while (true) {
            RateLimiter.checkObtainable(permits, settings.burst());
            Meter meter = meters.get(key);
            long now = nanoClock.getAsLong();
            long wait = meter != null
                    ? meter.nanosUntil(permits, now)
                    : hasPlace(now) ? 0 : overflow.nanosUntil(permits, now);
            if (wait != Meter.CLOSED) {
                return wait;
            }
            Thread.onSpinWait();
        }
    }

    /** Returns whether a new key has a place, after one that has rested was forgotten if need be. */
    private synchronized boolean hasPlace(long nowNanos) {
        return keys < maxKeys || forgetOne(nowNanos);
    }

    /** Returns the meter of a key; null if there is no place for it. */
    private synchronized @Nullable Meter admit(K key, long nowNanos) {
        Meter known = meters.get(key);
        if (known != null) {
            return known;
        }
        if (!hasPlace(nowNanos)) {
            return null;
        }
        Settings present = settings;
        Meter meter = new Meter(present.rate(), present.burst(), nowNanos, present.burst());
        meters.put(key, meter);
        keys++;
        return meter;
    }

    /** Goes on from where the last one stopped, so that all keys are looked at in turn. */
    private boolean forgetOne(long nowNanos) {
        for (int looked = 0; looked < LOOK_AT_MOST; looked++) {
            if (!hand.hasNext()) {
                hand = meters.values().iterator();
                if (!hand.hasNext()) {
                    return false;
                }
            }
            if (hand.next().closeIfFull(nowNanos)) {
                hand.remove();
                keys--;
                return true;
            }
        }
        return false;
    }

    /**
     * Forgets all keys that have rested. To be called every now and then where memory matters. O(keys).
     *
     * @return how many
     */
    public synchronized int trim() {
        int before = keys;
        long now = nanoClock.getAsLong();
        for (Iterator<Meter> each = meters.values().iterator(); each.hasNext(); ) {
            if (each.next().closeIfFull(now)) {
                each.remove();
                keys--;
            }
        }
        return before - keys;
    }

    /**
     * Changes rate and burst of all keys, from now on; what each can have at once is kept, and cut to the new burst.
     * O(keys).
     *
     * @throws IllegalArgumentException if the rate or the burst is out of range, see {@link RateLimiterBuilder}
     */
    public synchronized void setRate(long permits, Duration period, long burst) {
        Settings changed = new Settings(new Rate(permits, period), RateLimiterBuilder.checkedBurst(burst));
        settings = changed;
        long now = nanoClock.getAsLong();
        meters.replaceAll((key, meter) -> replaced(meter, changed, now));
        overflow = replaced(overflow, changed, now);
    }

    private static Meter replaced(Meter meter, Settings by, long nowNanos) {
        return new Meter(by.rate(), by.burst(), nowNanos, Math.min(meter.close(nowNanos), by.burst()));
    }

    /** Returns the number of keys tracked now. */
    public synchronized int keys() {
        return keys;
    }

    /** Returns how often a key used the overflow limit because there was no place for it. */
    public long overflows() {
        return overflows.get();
    }
}
