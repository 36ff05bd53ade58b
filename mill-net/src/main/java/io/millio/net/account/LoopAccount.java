package io.millio.net.account;

import io.millio.internal.Persistently;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjLongConsumer;

/**
 * What the holders of one loop have in one total: bytes are passed on to the total when they have come to a number (see
 * {@link MemoryTotal#reportBytes}), or at once when no holder is left. So loops do not contend for the total, and it is
 * exact when all holders have left. Any thread.
 */
public abstract class LoopAccount implements MemoryAccount {
    public final MemoryTotal total;

    // Both are sequentially consistent. Who adds bytes looks at the holders afterwards; the last holder leaves before
    // it takes the bytes: one of the two reports.
    final AtomicLong unreported = new AtomicLong();
    private final AtomicInteger holders = new AtomicInteger();

    protected LoopAccount(MemoryTotal total) {
        this.total = total;
    }

    /** Adds a holder. It {@linkplain #leave leaves} once. */
    public final void join() {
        holders.getAndIncrement();
        total.holders.getAndIncrement();
    }

    /** A holder has gone; what it still counts is reported at once if it was the last. */
    public final void leave() {
        total.holders.getAndDecrement();
        if (holders.decrementAndGet() == 0) {
            add(0);
        }
    }

    @Override
    public final void hold(int bytes) {
        add(bytes);
    }

    @Override
    public final void free(int bytes) {
        add(-bytes);
    }

    /** Counts bytes, or no more if there are less than none; if this throws, nothing has changed. */
    final void add(long bytes) {
        long sum = unreported.addAndGet(bytes);
        if (sum < total.reportBytes && sum > -total.reportBytes && holders.get() != 0) {
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                report();
                return;
            } catch (OutOfMemoryError | StackOverflowError e) {
                if (attempt == Persistently.MAX_ATTEMPTS) {
                    unreported.getAndAdd(-bytes);
                    throw e;
                }
            }
        }
    }

    /** Passes on what was counted: two operations with nothing in between that could throw. It may be called again. */
    private void report() {
        long now = total.used.addAndGet(unreported.getAndSet(0));
        total.reported(now);
    }

    /** Returns what has not been passed on yet: for tests. */
    public final long unreportedBytes() {
        return unreported.get();
    }

    /** Calls an action with each holder and its bytes. Does not need the loop. */
    public abstract void forEachHolder(ObjLongConsumer<Object> action);
}
