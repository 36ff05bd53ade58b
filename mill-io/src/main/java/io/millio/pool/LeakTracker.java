package io.millio.pool;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches every n-th lease of a pool, for being let go of without being closed. Any thread.
 *
 * <p>A watched lease is a handle of its own, that nothing of the pool refers to: only so can it become unreachable.
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

    boolean isNextTracked() {
        return leases.getAndIncrement() % everyNth == 0;
    }

    <T> void track(PoolHandle<T> handle, String pool) {
        Throwable takenAt = new Throwable("a lease of pool " + pool + " was taken here and not closed");
        handle.tracked = Cleaners.SHARED.register(
                handle,
                new Watch<>(handle.entry, handle.held, Thread.currentThread().getName(), takenAt, listener));
    }

    /** Made with the first tracked lease: its thread is not started before. */
    private static final class Cleaners {
        static final Cleaner SHARED = Cleaner.create();
    }

    /** What is left of a lease; must not refer to its handle. Runs once: in the cleaner, or on close. */
    private record Watch<T>(
            PoolEntry<T> entry, long held, String takenBy, Throwable takenAt, Consumer<? super LeakReport> listener)
            implements Runnable {
        @Override
        public void run() {
            PoolCore<T, ?> core = entry.core;
            if (!core.claimLeaked(entry, held)) {
                return;
            }
            Throwable disposeFailure = disposeLeaked(core);
            listener.accept(new LeakReport(core.name(), takenBy, takenAt, disposeFailure));
        }

        private @Nullable Throwable disposeLeaked(PoolCore<T, ?> core) {
            try {
                core.retire(entry, true);
                return null;
            } catch (Throwable e) {
                return e;
            }
        }
    }
}
