package io.millio;

import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The default error handler: a line in the {@link System.Logger} named {@code io.millio.EventLoop}, at most one a
 * second for each origin and class of exception, so that frequent errors do not hide rare ones. An {@link IOException}
 * is logged by its message only, any other exception with its stack trace. Any thread.
 */
final class LoggingErrorHandler implements ErrorHandler {
    private static final long INTERVAL_NANOS = 1_000_000_000;

    /** Of more kinds of errors than this the others share one limit. */
    static final int MAX_KINDS = 64;

    private final LongSupplier nanoClock;
    private final Map<Kind, Limit> limits = new ConcurrentHashMap<>(); // grows under its own monitor
    private final Limit others;

    /** By name, as a class would keep its loader. */
    private record Kind(LoopError.Origin origin, String exception) {}

    private static final class Limit {
        // Moved forward by compare-and-set: the thread that succeeds may log.
        final AtomicLong nextNanos;
        final AtomicLong suppressed = new AtomicLong();

        Limit(long nowNanos) {
            nextNanos = new AtomicLong(nowNanos);
        }

        boolean lets(long nowNanos) {
            long next = nextNanos.get();
            boolean passed = nowNanos - next >= 0 && nextNanos.compareAndSet(next, nowNanos + INTERVAL_NANOS);
            if (!passed) {
                suppressed.incrementAndGet();
            }
            return passed;
        }
    }

    LoggingErrorHandler(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.others = new Limit(nanoClock.getAsLong());
    }

    /** Found anew each time, as an attempt without descriptors that fails must not be the last. */
    static System.Logger logger() {
        return System.getLogger(EventLoop.class.getName());
    }

    /**
     * Loads now what a process that has run out of descriptors could not: the logger, time zones, the classes of the
     * text. The first time in a process it takes some 20 ms.
     */
    void rehearse() {
        String date =
                String.format("%1$tb %1$td, %1$tY %1$tl:%1$tM:%1$tS %1$Tp", ZonedDateTime.now(ZoneId.systemDefault()));
        LoopError error = new LoopError(LoopError.Origin.ACCEPT, date, new IOException());
        String line =
                text(error, limitOf(error, nanoClock.getAsLong()).suppressed.get() + 1);
        logger().log(System.Logger.Level.TRACE, line);
    }

    @Override
    public void onError(LoopError error) {
        long now = nanoClock.getAsLong();
        Limit limit = limitOf(error, now);
        if (!limit.lets(now)) {
            return;
        }
        String text = text(error, limit.suppressed.getAndSet(0));
        if (error.cause() instanceof IOException) {
            logger().log(System.Logger.Level.WARNING, text);
        } else {
            logger().log(System.Logger.Level.WARNING, text, error.cause());
        }
    }

    private Limit limitOf(LoopError error, long nowNanos) {
        Kind kind = new Kind(error.origin(), error.cause().getClass().getName());
        Limit known = limits.get(kind);
        if (known != null) {
            return known;
        }
        synchronized (limits) {
            return limits.size() < MAX_KINDS ? limits.computeIfAbsent(kind, unused -> new Limit(nowNanos)) : others;
        }
    }

    private static String text(LoopError error, long suppressedBefore) {
        String more = suppressedBefore == 0 ? "" : " (and " + suppressedBefore + " more of its kind before)";
        return error.origin() + " failed: " + error.subject() + ": " + error.cause() + more;
    }
}
