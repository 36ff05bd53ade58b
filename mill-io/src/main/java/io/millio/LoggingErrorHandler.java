package io.millio;

import java.io.IOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The default error handler: a line a second at most in the {@link System.Logger} named {@code io.millio.EventLoop}. Of
 * what the network does the message will do; anything else comes with its stack trace. Any thread.
 */
final class LoggingErrorHandler implements ErrorHandler {
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final LongSupplier nanoClock;
    // Moved forward by compare-and-set: the thread that succeeds may log.
    private final AtomicLong nextNanos;
    private final AtomicLong suppressed = new AtomicLong();

    LoggingErrorHandler(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.nextNanos = new AtomicLong(nanoClock.getAsLong());
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
        String line = text(new LoopError(LoopError.Origin.ACCEPT, date, new IOException()), 1);
        logger().log(System.Logger.Level.TRACE, line);
    }

    @Override
    public void onError(LoopError error) {
        long now = nanoClock.getAsLong();
        long next = nextNanos.get();
        if (now - next < 0 || !nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
            suppressed.incrementAndGet();
            return;
        }
        String text = text(error, suppressed.getAndSet(0));
        if (error.cause() instanceof IOException) {
            logger().log(System.Logger.Level.WARNING, text);
        } else {
            logger().log(System.Logger.Level.WARNING, text, error.cause());
        }
    }

    private static String text(LoopError error, long suppressedBefore) {
        String more = suppressedBefore == 0 ? "" : " (and " + suppressedBefore + " more before)";
        return error.origin() + " failed: " + error.subject() + ": " + error.cause() + more;
    }
}
