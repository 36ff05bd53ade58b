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
 * may be forgotten: that happens when place is needed, and by {@link #trim}. When all are in use, a new key is refused
 * rather than an old one let off its limit.
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

    // Atomic, of all threads: how many wanted a key when there was no place.
    private final AtomicLong refusedKeys = new AtomicLong();

    // Volatile: replaced under the monitor, read by any thread.
    private volatile Settings settings;

    // All guarded by the monitor.
    private int keys;
    private Iterator<Meter> hand;

    private record Settings(Rate rate, long burst) {}

    KeyedRateLimiter(Rate rate, long burst, LongSupplier nanoClock, int maxKeys) {
        this.settings = new Settings(rate, burst);
        this.nanoClock = nanoClock;
        this.maxKeys = maxKeys;
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
     * @return false if they are not, and then none is taken; or if the key is new and there is no place for it
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
                if (meter == null) {
                    refusedKeys.incrementAndGet();
                    return false;
                }
            }
            long wait = meter.take(permits, now, 0);
            if (wait != Meter.CLOSED) {
                return wait == 0;
            }
            Thread.onSpinWait(); // forgotten or replaced just now: by a thread that holds the monitor
        }
    }

    /**
     * Returns how long until permits of a key are available if no other call takes any; 0 for a key that is not known.
     *
     * @param permits how many, from 1 up to the burst
     * @return nanoseconds
     */
    public long nanosUntilAvailable(K key, long permits) {
        Objects.requireNonNull(key, "key");
        while (true) {
            RateLimiter.checkObtainable(permits, settings.burst());
            Meter meter = meters.get(key);
            long wait = meter == null ? 0 : meter.nanosUntil(permits, nanoClock.getAsLong());
            if (wait != Meter.CLOSED) {
                return wait;
            }
            Thread.onSpinWait();
        }
    }

    private synchronized @Nullable Meter admit(K key, long nowNanos) {
        Meter known = meters.get(key);
        if (known != null) {
            return known;
        }
        if (keys == maxKeys && !forgetOne(nowNanos)) {
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
        meters.replaceAll((key, meter) -> new Meter(changed.rate(), burst, now, Math.min(meter.close(now), burst)));
    }

    /** How many keys are known now. */
    public synchronized int keys() {
        return keys;
    }

    /** How often a new key was refused because there was no place. */
    public long refusedKeys() {
        return refusedKeys.get();
    }
}
