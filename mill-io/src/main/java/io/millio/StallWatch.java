package io.millio;

import io.millio.internal.JvmPauses;
import io.millio.jfr.LoopRecording;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The watchdog of a process: a daemon thread that looks at each loop eight times in the shortest of their thresholds.
 * It is made for the first loop and ends with the last. A sleep that has lasted too long shows a pause of the whole
 * process, of which no handler is guilty.
 */
final class StallWatch implements Runnable {
    private static final int SAMPLES_PER_THRESHOLD = 8;
    private static final long MIN_PERIOD_NANOS = 1_000_000;

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition CHANGED = LOCK.newCondition();

    // Guarded by the lock. Weak: a loop that the program has lost may be collected.
    private static final List<WeakReference<StallDetector>> WATCHED = new ArrayList<>();
    private static @Nullable Thread thread;
    private static boolean added;

    // The watchdog's thread only.
    private long collectionMillis = JvmPauses.collectionMillis();

    private StallWatch() {}

    /** Watches a loop until it is closed. */
    static void add(StallDetector detector) {
        LOCK.lock();
        try {
            WATCHED.add(new WeakReference<>(detector));
            if (thread == null) {
                Thread made = new Thread(null, new StallWatch(), "millio-watchdog", 0, false);
                made.setDaemon(true);
                made.start();
                thread = made;
            }
            added = true;
            CHANGED.signal(); // the threshold may be shorter
        } finally {
            LOCK.unlock();
        }
    }

    @Override
    public void run() {
        for (long period = MIN_PERIOD_NANOS; period != 0; ) {
            try {
                long before = System.nanoTime();
                sleep(period);
                look(System.nanoTime(), before + period, period);
                period = period();
            } catch (Throwable t) { // no memory, for instance; the thread must not end, as it is known as running
                log(System.Logger.Level.ERROR, "the watchdog failed", t);
                LockSupport.parkNanos(period); // what failed may be the sleep
            }
        }
    }

    /** Looks at all loops, at a time when it should have been woken at another. */
    private void look(long now, long dueNanos, long period) {
        long late = now - dueNanos;
        long collected = JvmPauses.collectionMillis();
        List<StallDetector> watched = watched();
        if (late > period) {
            paused(watched, late, Math.min(collected - collectionMillis, TimeUnit.NANOSECONDS.toMillis(late + period)));
        }
        collectionMillis = collected;
        for (StallDetector each : watched) {
            // A time of its own: the listener of the one before may have taken long.
            if (!each.sample(System.nanoTime())) {
                remove(each);
            }
        }
    }

    /** Returns how long to sleep; 0 if there is no loop any more: then this thread ends. */
    private static long period() {
        LOCK.lock();
        try {
            long threshold = Long.MAX_VALUE;
            for (StallDetector each : watched()) {
                threshold = Math.min(threshold, each.thresholdNanos);
            }
            if (threshold == Long.MAX_VALUE) {
                thread = null;
                return 0;
            }
            return Math.max(MIN_PERIOD_NANOS, threshold / SAMPLES_PER_THRESHOLD);
        } finally {
            LOCK.unlock();
        }
    }

    private static void paused(List<StallDetector> watched, long nanos, long collectionMillis) {
        Set<StallListener> reported = Collections.newSetFromMap(new IdentityHashMap<>());
        for (StallDetector each : watched) {
            each.skip(nanos);
            if (nanos >= each.thresholdNanos && reported.add(each.listener)) {
                report(each.listener, Stall.pause(nanos, collectionMillis));
            }
        }
    }

    /** Logs and records a stall, and passes it to a listener, whatever the others throw. */
    static void report(StallListener listener, Stall stall) {
        log(System.Logger.Level.WARNING, stall.toString(), null);
        try {
            LoopRecording.stall(
                    stall.kind(),
                    stall.loop(),
                    stall.subject(),
                    stall.thread(),
                    stall.elapsed().toNanos(),
                    String.join(
                            "\n",
                            stall.stack().stream()
                                    .map(StackTraceElement::toString)
                                    .toList()));
        } catch (Throwable t) {
            log(System.Logger.Level.WARNING, "a stall was not recorded", t);
        }
        try {
            listener.onStall(stall);
        } catch (Throwable t) {
            log(System.Logger.Level.WARNING, "a stall listener failed", t);
        }
    }

    private static void log(System.Logger.Level level, String text, @Nullable Throwable thrown) {
        try {
            LoggingErrorHandler.logger().log(level, text, thrown);
        } catch (Throwable t) {
            // The logger itself fails, or there is no memory for it.
        }
    }

    private static void sleep(long nanos) throws InterruptedException {
        LOCK.lock();
        try {
            for (long left = nanos; left > 0 && !added; ) {
                left = CHANGED.awaitNanos(left);
            }
            added = false;
        } finally {
            LOCK.unlock();
        }
    }

    private static void remove(StallDetector detector) {
        LOCK.lock();
        try {
            WATCHED.removeIf(each -> each.refersTo(detector));
        } finally {
            LOCK.unlock();
        }
    }

    /** Returns the loops that are alive. The caller keeps them only while it does not sleep. */
    private static List<StallDetector> watched() {
        LOCK.lock();
        try {
            List<StallDetector> alive = new ArrayList<>();
            WATCHED.removeIf(each -> {
                StallDetector detector = each.get();
                if (detector != null) {
                    alive.add(detector);
                }
                return detector == null;
            });
            return alive;
        } finally {
            LOCK.unlock();
        }
    }
}
