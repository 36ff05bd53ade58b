package io.millio.net.account;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The memory that all loops use of one budget, and how scarce it is: a level, with hysteresis so that it does not
 * flicker. Changes of the level are only noted here, as the caller may hold a lock; loops take the note when they are
 * between callbacks, see {@link #takeChange}. Any thread.
 *
 * <pre>
 *   NORMAL --&gt;= pauseAt--&gt; PAUSING --&gt;= shedAt--&gt; SHEDDING --&gt;= max--&gt; FULL
 *          &lt;--&lt; resume---          &lt;--&lt;= pauseAt---          &lt;--&lt; max---
 * </pre>
 */
public final class MemoryTotal {
    public static final int NORMAL = 0;
    public static final int PAUSING = 1;
    public static final int SHEDDING = 2;
    public static final int FULL = 3;

    private static final int LEVEL_MASK = 3;

    /** The level has changed, and that has not been taken. */
    private static final int CHANGED = 4;

    /** A round of shedding that finds nothing is repeated when so great a part of the budget has been added. */
    private static final int SHED_STEPS = 64;

    /** A loop counts so great a part of the budget, and no more bytes than that, before the total does. */
    private static final int REPORT_STEPS = 256;

    private static final int MAX_REPORT_BYTES = 64 * 1024;

    public final long maxBytes;
    public final long pauseBytes;
    public final long shedBytes;
    public final long resumeBytes;
    public final long minBytesPerHolder;
    public final long heldNanos;

    /** How many bytes, more or less, a loop counts before the total does. */
    public final long reportBytes;

    final AtomicLong used = new AtomicLong();
    final AtomicInteger holders = new AtomicInteger();
    private final AtomicLong peak = new AtomicLong();

    // Counts of what was done, for the stats.
    public final AtomicLong paused = new AtomicLong();
    public final AtomicLong resumed = new AtomicLong();
    public final AtomicLong expired = new AtomicLong();
    public final AtomicLong shed = new AtomicLong();
    public final AtomicLong overLimit = new AtomicLong();
    public final AtomicLong refused = new AtomicLong();

    private final State state = new State();

    // Guarded by this: the level that was taken last, and a round of shedding. The volatile ones are looked at without
    // the lock first, since connections ask often while memory is scarce.
    private int takenLevel;
    private volatile boolean shedding;
    private int closing;
    private volatile long nextShedBytes;

    // Replaced under the lock, volatile for those who go through it. Weak: a loop is kept by its connections.
    private volatile List<WeakReference<LoopAccount>> loops = List.of();

    /** The word that is read between callbacks, with padding around it: it must not share a line with the counts. */
    private static final class State {
        @SuppressWarnings("unused")
        private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14;

        // Level and CHANGED; written under the lock of the total, read by any thread.
        volatile int word;

        @SuppressWarnings("unused")
        private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;
    }

    /**
     * Creates a total.
     *
     * @param resumeBytes below this a level above normal ends
     * @param heldNanos how long reading may be held
     */
    public MemoryTotal(
            long maxBytes, long pauseBytes, long shedBytes, long resumeBytes, long minBytesPerHolder, long heldNanos) {
        this.maxBytes = maxBytes;
        this.pauseBytes = pauseBytes;
        this.shedBytes = shedBytes;
        this.resumeBytes = resumeBytes;
        this.minBytesPerHolder = minBytesPerHolder;
        this.heldNanos = heldNanos;
        this.reportBytes = Math.max(1, Math.min(MAX_REPORT_BYTES, maxBytes / REPORT_STEPS));
    }

    // ---- loops

    /** Adds the account of a loop, whose constructor is done. */
    public synchronized void add(LoopAccount loop) {
        List<WeakReference<LoopAccount>> added = new ArrayList<>(loops);
        added.removeIf(each -> each.get() == null);
        added.add(new WeakReference<>(loop));
        loops = added;
    }

    /** Calls an action with the account of each loop. */
    public void forEachLoop(Consumer<LoopAccount> action) {
        List<WeakReference<LoopAccount>> now = loops;
        for (int i = 0; i < now.size(); i++) { // an iterator would be garbage, and memory may be scarce
            LoopAccount each = now.get(i).get();
            if (each != null) {
                action.accept(each);
            }
        }
    }

    // ---- how much, and how scarce

    public long usedBytes() {
        return used.get();
    }

    public long peakBytes() {
        return peak.get();
    }

    public int holders() {
        return holders.get();
    }

    /** Whether the level is normal and there is nothing to take: the one read where nothing is scarce. */
    public boolean isCalm() {
        return state.word == 0;
    }

    public int level() {
        return state.word & LEVEL_MASK;
    }

    /** The name of a level, for people. */
    public static String nameOf(int level) {
        return switch (level) {
            case NORMAL -> "NORMAL";
            case PAUSING -> "PAUSING";
            case SHEDDING -> "SHEDDING";
            default -> "FULL";
        };
    }

    boolean isFull() {
        return level() == FULL;
    }

    /** What each holder may have while memory is scarce. O(1). */
    public long shareBytes() {
        return Math.max(minBytesPerHolder, pauseBytes / Math.max(1, holders()));
    }

    /** The total has changed, to this. */
    void reported(long now) {
        for (long known; now > (known = peak.get()) && !peak.compareAndSet(known, now); ) {}
        if (levelOf(now, level()) != level()) {
            changeLevel();
        }
    }

    private int levelOf(long now, int before) {
        if (now >= maxBytes) {
            return FULL;
        }
        if (now >= shedBytes || (before >= SHEDDING && now > pauseBytes)) {
            return SHEDDING;
        }
        return now >= pauseBytes || (before >= PAUSING && now >= resumeBytes) ? PAUSING : NORMAL;
    }

    /**
     * Brings the level in step with the total. Who adds looks at the level afterwards; this writes the level and looks
     * at the total afterwards: so the later of two that race sees the other, and no change is missed.
     */
    private synchronized void changeLevel() {
        int level = level();
        for (int next; (next = levelOf(used.get(), level)) != level; ) {
            level = next;
            state.word = level | CHANGED; // also if it has come back to what was taken: who has paused must go on
            if (level < SHEDDING) {
                nextShedBytes = 0;
            }
        }
    }

    /**
     * Takes a change of the level, which the caller must act upon.
     *
     * @return the level that was taken before, perhaps the same again; -1 if it has not changed
     */
    public int takeChange() {
        if ((state.word & CHANGED) == 0) {
            return -1;
        }
        synchronized (this) {
            if ((state.word & CHANGED) == 0) {
                return -1;
            }
            int before = takenLevel;
            takenLevel = level();
            state.word = takenLevel;
            return before;
        }
    }

    // ---- shedding

    /** Begins a round of shedding, unless one is under way or nothing is to be done; the caller ends it. */
    public boolean beginShedding() {
        if (!wantsShedding()) {
            return false;
        }
        synchronized (this) {
            boolean begins = wantsShedding();
            if (begins) {
                shedding = true;
                closing = 1; // the round itself
            }
            return begins;
        }
    }

    private boolean wantsShedding() {
        return !shedding && level() >= SHEDDING && used.get() >= nextShedBytes;
    }

    /** A connection is about to be aborted by the round. */
    public synchronized void addVictim() {
        closing++;
    }

    /** The round has chosen so many. */
    public synchronized void endShedding(int victims) {
        nextShedBytes = victims > 0 ? 0 : used.get() + maxBytes / SHED_STEPS;
        victimClosed();
    }

    /** A connection that the round aborted has closed; the next round may begin after the last one. */
    public synchronized void victimClosed() {
        closing--;
        shedding = closing > 0;
    }
}
