package io.millio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * Runs a task when nothing has happened for a while: from {@link EventLoop#idleTimeout}. Activity stores a time and touches no
 * timer; the timer, when it fires too early for that time, waits for the rest. So a busy connection costs one timer run a timeout.
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

    /** Ends it; returns whether the task will never run. Any thread. */
    public boolean cancel() {
        return timer.cancel();
    }

    private void check() {
        long idleNanos = loop.nanoTime() - (long) LAST_NANOS.getOpaque(this);
        if (idleNanos >= timeoutNanos) {
            task.run();
        } else {
            timer.restart(Duration.ofNanos(timeoutNanos - idleNanos));
        }
    }
}
