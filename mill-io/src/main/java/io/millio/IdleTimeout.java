package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs a task when nothing has happened for a while: from {@link EventLoop#idleTimeout}. Activity stores a time and
 * touches no timer; the timer, when it fires too early for that time, waits for the rest. So a busy connection costs
 * one timer run a timeout.
 */
public final class IdleTimeout {
    private static final VarHandle LAST_NANOS;

    static {
        try {
            LAST_NANOS = MethodHandles.lookup().findVarHandle(IdleTimeout.class, "lastNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EventLoop loop;
    private final long timeoutNanos;
    private final Runnable task;
    private final Timer timer;

    // Whether it has run or was cancelled: once, by compare-and-set.
    private final AtomicBoolean over = new AtomicBoolean();

    // Opaque: whole and seen soon, which is all that a time of activity needs.
    @SuppressWarnings("UnusedVariable") // read by its handle
    private long lastNanos;

    IdleTimeout(EventLoop loop, long timeoutNanos, Runnable task) {
        this.loop = loop;
        this.timeoutNanos = timeoutNanos;
        this.task = task;
        this.lastNanos = loop.nanoTime();
        this.timer = loop.schedule(Duration.ofNanos(timeoutNanos), this::check);
    }

    /** Something happened. Any thread; in the loop it costs one store. */
    public void touch() {
        LAST_NANOS.setOpaque(this, loop.nanoTime());
    }

    /** Ends it; returns whether the task will never run, because of this call. Any thread. */
    public boolean cancel() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        timer.cancel();
        return true;
    }

    private void check() {
        long idleNanos = loop.nanoTime() - (long) LAST_NANOS.getOpaque(this);
        if (idleNanos >= timeoutNanos) {
            if (over.compareAndSet(false, true)) {
                task.run();
            }
            return;
        }
        timer.restart(Duration.ofNanos(timeoutNanos - idleNanos));
        if (over.get()) {
            timer.cancel(); // it was cancelled while the timer was not waiting
        }
    }
}
