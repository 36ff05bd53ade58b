package io.millio.testkit;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a test may take with one seed, in real time: then what drives the network fails, and the thread of the test
 * is interrupted.
 */
final class SeedTimeout {
    private static final ScheduledThreadPoolExecutor WATCH = watch();

    private final SimNetwork network;
    private final Thread thread;
    private final int seconds;
    private final @Nullable Future<?> strike;

    // Guarded by this.
    private boolean ended;
    private boolean struck;

    private SeedTimeout(SimNetwork network, int seconds) {
        this.network = network;
        this.thread = Thread.currentThread();
        this.seconds = seconds;
        this.strike = seconds == 0 ? null : WATCH.schedule(this::strike, seconds, TimeUnit.SECONDS);
    }

    private static ScheduledThreadPoolExecutor watch() {
        ScheduledThreadPoolExecutor watch = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "time-outs of seeds");
            made.setDaemon(true);
            return made;
        });
        watch.setRemoveOnCancelPolicy(true);
        return watch;
    }

    /** Begins for the calling thread; 0 for no limit. */
    static SeedTimeout begin(SimNetwork network, int seconds) {
        return new SeedTimeout(network, seconds);
    }

    private synchronized void strike() {
        if (!ended) {
            struck = true;
            network.expire(toString());
            thread.interrupt();
        }
    }

    /** Ends it, by the thread of the test; returns whether it struck. */
    synchronized boolean end() {
        ended = true;
        if (strike != null) {
            strike.cancel(false);
        }
        if (struck) {
            boolean unused = Thread.interrupted();
            network.expire(null);
        }
        return struck;
    }

    synchronized boolean hasStruck() {
        return struck;
    }

    @Override
    public String toString() {
        return "timed out after " + seconds + " s of real time (timeoutSeconds of @Seeds)";
    }
}
