package io.millio.pool;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Watches every n-th lease of a pool, to report it if it becomes unreachable without being closed. Any thread.
 *
 * <p>A watched lease is a handle of its own that nothing in the pool refers to: only so can it become unreachable.
 */
final class LeakTracker {
    private final int everyNth;
    private final Consumer<? super LeakReport> listener;

    // Atomic: of all threads. Counting costs less than the stack trace of the n-th.
    private final AtomicLong leases = new AtomicLong();

    LeakTracker(int everyNth, Consumer<? super LeakReport> listener) {
        this.everyNth = everyNth;
        this.listener = listener;
    }

    /** Returns the lease, or in its place a watched one of its own if it is its turn and there is memory. */
    <T> PoolHandle<T> track(PoolHandle<T> lease, PoolSettings<T> pool) {
        if (leases.getAndIncrement() % everyNth != 0) {
            return lease;
        }
        try {
            PoolHandle<T> handle = pool.newHandle().apply(lease.entry);
            handle.held = lease.held;
            Throwable takenAt = new Throwable("a lease of pool " + pool.name() + " was taken here and not closed");
            handle.tracked = Cleaners.SHARED.register(
                    handle,
                    new Watch<>(
                            handle.entry, handle.held, Thread.currentThread().getName(), takenAt, listener));
            return handle;
        } catch (OutOfMemoryError e) {
            return lease; // a lease must not be lost for want of memory
        }
    }

    /** Made with the first tracked lease: its thread is not started before. */
    private static final class Cleaners {
        static final Cleaner SHARED = Cleaner.create();
    }

    /** What a leak report needs; must not refer to the handle. Runs once: in the cleaner, or on close. */
    private record Watch<T>(
            PoolEntry<T> entry, long held, String takenBy, Throwable takenAt, Consumer<? super LeakReport> listener)
            implements Runnable {
        @Override
        public void run() {
            if (!entry.claimLeaked(held)) {
                return;
            }
            Throwable disposeFailure = null;
            try {
                entry.pool.depot.countLeak();
                entry.pool.disposeOf(entry);
            } catch (Throwable e) {
                disposeFailure = e;
            }
            listener.accept(new LeakReport(entry.pool.name(), takenBy, takenAt, disposeFailure));
        }
    }
}
