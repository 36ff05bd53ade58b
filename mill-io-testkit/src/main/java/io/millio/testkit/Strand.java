package io.millio.testkit;

import io.millio.internal.Interleave;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One of the threads of a simulation: a loop's, or a worker's. It is a real thread, since a loop knows its thread, but
 * goes on only while it holds the baton, of which a simulation has one.
 */
final class Strand {
    /** Unwinds a strand that is given up at the end of a simulation. */
    static final class Abandoned extends Error {
        private static final long serialVersionUID = 1;

        Abandoned() {
            super("the simulation is over");
        }
    }

    // The strand of each thread, while it has one.
    private static final ThreadLocal<Strand> OWN = new ThreadLocal<>();

    static {
        Interleave.install(Strand::interleave);
    }

    final SimHost host;
    private final String name;
    private final Semaphore baton = new Semaphore(0);

    // All below: confined to the thread that holds the baton.
    @Nullable
    Thread thread;

    /** What it waits for, besides the time; null when it could go on. */
    @Nullable
    BooleanSupplier until;

    long untilNanos;
    boolean over;
    boolean frozen; // its host has crashed
    boolean abandoned;

    Strand(String name, SimHost host) {
        this.name = name;
        this.host = host;
    }

    /** Starts a thread that waits for the baton, runs the body, and then passes the baton on. */
    void begin(Runnable body, Runnable passOn) {
        SimThreads.execute(() -> {
            awaitBaton();
            thread = Thread.currentThread();
            OWN.set(this);
            try {
                if (!abandoned) {
                    body.run();
                }
            } catch (Abandoned e) {
                // it was given up
            } finally {
                over = true;
                OWN.remove();
                passOn.run();
            }
        });
    }

    /** The calling thread comes between two steps of a lock-free algorithm. */
    private static void interleave() {
        Strand own = OWN.get();
        SimScheduler scheduler = own == null ? null : own.host.world.scheduler;
        if (own != null && scheduler != null) {
            scheduler.interleave(own);
        }
    }

    void giveBaton() {
        baton.release();
    }

    /** Waits, even when interrupted: that is for the one who reads the flag. */
    void awaitBaton() {
        baton.acquireUninterruptibly();
    }

    /** Waits that long at most, even when interrupted. */
    static boolean acquire(Semaphore baton, long seconds) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return baton.tryAcquire(seconds, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean canGoOn(long nowNanos) {
        BooleanSupplier waitsFor = until;
        return !over
                && !frozen
                && nowNanos >= host.pausedUntilNanos
                && (waitsFor == null || nowNanos >= untilNanos || waitsFor.getAsBoolean());
    }

    /** When it goes on at the latest, if it can't now and nothing else happens. */
    long nextNanos() {
        if (frozen) {
            return SimScheduler.NEVER;
        }
        BooleanSupplier waitsFor = until;
        boolean onlyPaused = waitsFor == null || waitsFor.getAsBoolean();
        return onlyPaused ? host.pausedUntilNanos : Math.max(untilNanos, host.pausedUntilNanos);
    }

    @Override
    public String toString() {
        return name;
    }
}
